namespace Engine.Scoring.Ids;

/// <summary>Why an id of a request took no part.</summary>
public enum SkipReason
{
    /// <summary>The product is not in the snapshot.</summary>
    UnknownProduct,

    /// <summary>The user is not in the snapshot.</summary>
    UnknownUser,

    /// <summary>The id was there before in the same list.</summary>
    Duplicate,

    /// <summary>The product is blocked.</summary>
    Blocked,
}
