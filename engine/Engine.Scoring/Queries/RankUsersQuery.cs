namespace Engine.Scoring.Queries;

/// <summary>Rank users for one product, or for the products of a pool.</summary>
public sealed class RankUsersQuery : UserFilter
{
    /// <summary>The largest top-K.</summary>
    public const int MaximumTopK = 5_000_000;

    /// <summary>Opaque, case-sensitive.</summary>
    public string ProductId { get; set; } = "";

    /// <summary>The products of a pool, of a tag value, in place of <see cref="ProductId"/>.</summary>
    public ProductFilter? Pool { get; set; }

    /// <summary>What a user scores for the products of <see cref="Pool"/>.</summary>
    public PoolScore By { get; set; }

    /// <summary>1..5,000,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>
    /// Fill <see cref="RankUsersAnswer.Curve"/> in the same pass; top-K may then be 0. Not with a pool.
    /// </summary>
    public bool EstimateCurve { get; set; }

    /// <summary>
    /// With <see cref="EstimateCurve"/>: count users by exact scores, and list none. <see cref="TopK"/> is then 0.
    /// </summary>
    public bool ExactCurve { get; set; }

    /// <summary>The first threshold of an exact curve; null for the lowest score.</summary>
    public float? CurveLow { get; set; }

    /// <summary>The last threshold of an exact curve; null for the highest score.</summary>
    public float? CurveHigh { get; set; }

    /// <summary>How to treat users who purchased the product, or one of the pool, in the scope year.</summary>
    public PurchasedPolicy Purchased { get; set; }

    /// <summary>Count the eligible users, score nothing.</summary>
    public bool ValidateOnly { get; set; }
}
