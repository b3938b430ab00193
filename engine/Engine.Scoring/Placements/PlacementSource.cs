namespace Engine.Scoring.Placements;

/// <summary>
/// Where a product of a placement comes from. Scores of all sources are on a log scale, so that one boost means the
/// same to each of them.
/// </summary>
public enum PlacementSource
{
    /// <summary>None of the sources scores it: a pin in a chain without a user, a basket and popularity.</summary>
    None,

    /// <summary>A known user, with the recent behavior if there is any: the score that Recommend gives.</summary>
    User,

    /// <summary>The recent behavior alone: the score that Recommend gives.</summary>
    Basket,

    /// <summary>Related to a product on the page: ln of the largest strength.</summary>
    Related,

    /// <summary>Popular in the pool: ln(1 + purchasers in the scope year).</summary>
    Popular,
}
