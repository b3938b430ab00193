using Engine.Snapshots.Ids;

namespace Engine.Scoring.Explaining;

/// <summary>Where a term of a score comes from.</summary>
public enum TermKind
{
    /// <summary>The dot product of user and product factors.</summary>
    Factors,

    /// <summary>The product's own rate, the same for every user.</summary>
    ProductRate,

    /// <summary>The user's rate, the same for every product.</summary>
    UserRate,

    /// <summary>Similarity with a product of the history.</summary>
    Similarity,

    /// <summary>The history with the product itself: who purchased it comes back to it, or is done with it.</summary>
    OwnHistory,

    /// <summary>The number of purchasers, when nothing is known of the user.</summary>
    Purchasers,

    /// <summary>The relation with a product on the page, in a placement.</summary>
    Related,

    /// <summary>A boost or bury of a placement.</summary>
    Boost,

    /// <summary>What the diversity of a placement takes off.</summary>
    Diversity,
}

/// <summary>One term of a score.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Product">The product of the history that it comes from; null when it comes from none.</param>
/// <param name="Value">The addend.</param>
/// <param name="Rule">Of a boost: the rule's place among the rules of its placement, from 0.</param>
public readonly record struct ScoreTerm(TermKind Kind, ProductOrdinal? Product, float Value, int Rule = 0);
