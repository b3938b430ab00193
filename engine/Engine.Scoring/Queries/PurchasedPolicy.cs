namespace Engine.Scoring.Queries;

/// <summary>Which of the products that a user purchased may be in the answer.</summary>
public enum PurchasedPolicy
{
    /// <summary>All.</summary>
    Include,

    /// <summary>None.</summary>
    Exclude,

    /// <summary>These and no others.</summary>
    Only,
}
