namespace Engine.Scoring.Comparing;

/// <summary>What a new snapshot changes for the users.</summary>
public sealed record SnapshotDiff
{
    /// <summary>The snapshot that is served.</summary>
    public required string Before { get; init; }

    /// <summary>The one that may follow.</summary>
    public required string After { get; init; }

    /// <summary>Users of both snapshots whose lists were compared.</summary>
    public required int ComparedUsers { get; init; }

    /// <summary>Users of both snapshots.</summary>
    public required int SharedUsers { get; init; }

    /// <summary>Users of the first one only.</summary>
    public required int UsersGone { get; init; }

    /// <summary>Users of the second one only.</summary>
    public required int UsersAdded { get; init; }

    /// <summary>Products of the first one.</summary>
    public required int ProductsBefore { get; init; }

    /// <summary>Products of the first one only: no longer eligible.</summary>
    public required int ProductsGone { get; init; }

    /// <summary>Products of the second one only.</summary>
    public required int ProductsAdded { get; init; }

    /// <summary>The first ids of the products that are gone, those with most buyers first.</summary>
    public required IReadOnlyList<string> GoneIds { get; init; }

    /// <summary>Mean share of a user's top 10 that stays, 0..1.</summary>
    public required double OverlapAt10 { get; init; }

    /// <summary>The same of the top 50.</summary>
    public required double OverlapAt50 { get; init; }

    /// <summary>
    /// Mean Spearman correlation of the ranks of the products in both top 50, -1..1; NaN when no user has three.
    /// </summary>
    public required double RankCorrelation { get; init; }

    /// <summary>Share of users of whose top 10 nothing stays, 0..1.</summary>
    public required double ChangedWholly { get; init; }

    /// <summary>
    /// Half of the sum of all changes of exposure, 0..1: the share of top-10 places that went to other products.
    /// </summary>
    public required double ExposureMoved { get; init; }

    /// <summary>The products whose exposure changed most.</summary>
    public required IReadOnlyList<ExposureMove> Products { get; init; }

    /// <summary>The values of the category tag whose exposure changed most; empty without such a tag.</summary>
    public required IReadOnlyList<ExposureMove> Categories { get; init; }

    /// <summary>Saved audiences: who of them is predicted.</summary>
    public required IReadOnlyList<AudienceTurnover> Audiences { get; init; }

    /// <summary>Products in at least one top 10, by the products of the snapshot, 0..1.</summary>
    public required Change Coverage { get; init; }

    /// <summary>Share of top-10 places of the hundredth of the products with most buyers, 0..1.</summary>
    public required Change PopularityShare { get; init; }

    /// <summary>Mean score of the best product.</summary>
    public required Change Score { get; init; }

    /// <summary>Mean probability of the best product; NaN without calibration.</summary>
    public required Change Probability { get; init; }

    /// <summary>nDCG@10 on the held-out window of each training; NaN when it was not judged.</summary>
    public required Change Ndcg { get; init; }

    /// <summary>Recall@10 on the held-out window of each training; NaN when it was not judged.</summary>
    public required Change Recall { get; init; }
}

/// <summary>One figure of both snapshots.</summary>
/// <param name="Before">Of the first.</param>
/// <param name="After">Of the second.</param>
public readonly record struct Change(double Before, double After);

/// <summary>How much a product, or a category, is shown: its share of all top-10 places.</summary>
/// <param name="Name">The product's id, or the value of the tag.</param>
/// <param name="Before">By the first snapshot, 0..1.</param>
/// <param name="After">By the second, 0..1.</param>
public sealed record ExposureMove(string Name, double Before, double After);

/// <summary>A saved audience in both snapshots.</summary>
/// <param name="Name">The audience.</param>
/// <param name="Users">Its users.</param>
/// <param name="Before">Those in the first snapshot.</param>
/// <param name="After">Those in the second.</param>
/// <param name="Left">Those in the first only.</param>
/// <param name="Joined">Those in the second only.</param>
public sealed record AudienceTurnover(string Name, long Users, long Before, long After, long Left, long Joined);
