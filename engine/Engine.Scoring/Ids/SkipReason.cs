namespace Engine.Scoring.Ids;

/// <summary>Why an id of a query was skipped.</summary>
public enum SkipReason
{
    /// <summary>The product is not in the snapshot.</summary>
    UnknownProduct,

    /// <summary>The user is not in the snapshot.</summary>
    UnknownUser,

    /// <summary>The id is a duplicate within its list.</summary>
    Duplicate,

    /// <summary>The product is blocked.</summary>
    Blocked,
}
