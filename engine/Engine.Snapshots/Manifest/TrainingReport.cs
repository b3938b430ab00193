using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// What happened in training, for the people who must trust it. Deterministic: it holds no clock times.
/// </summary>
[MessagePackObject]
public sealed record TrainingReport
{
    /// <summary>Rows at each stage: read, accepted, in scope, ... in the order of the pipeline.</summary>
    [Key("counts")]
    public required StageCount[] Counts { get; init; }

    /// <summary>
    /// Rows with a fault by reason, which says whether they were rejected or kept without a part; with examples.
    /// </summary>
    [Key("rejected")]
    public required RejectedRows[] Rejected { get; init; }

    /// <summary>For a person: less than a year of data, a model that does not beat a baseline.</summary>
    [Key("warnings")]
    public required string[] Warnings { get; init; }

    /// <summary>The ALS loss after each epoch of the final fit.</summary>
    [Key("losses")]
    public required double[] Losses { get; init; }

    /// <summary>Metrics on the last N days, which the evaluated models did not see.</summary>
    [Key("metrics")]
    public required ModelMetrics[] Metrics { get; init; }

    /// <summary>The first and last day of the held-out window, and who was judged.</summary>
    [Key("holdout")]
    public required HoldoutFacts? Holdout { get; init; }

    /// <summary>Lists of products for users: all models, lengths and segments.</summary>
    [Key("rankings")]
    public RankingRow[] Rankings { get; init; } = [];

    /// <summary>How the lists spread over the catalog.</summary>
    [Key("coverage")]
    public CoverageRow[] Coverage { get; init; } = [];

    /// <summary>Users ranked for one product.</summary>
    [Key("product_direction")]
    public ProductDirectionRow[] ProductDirection { get; init; } = [];

    /// <summary>The probabilities; null when the window held too few purchases to judge them.</summary>
    [Key("probability")]
    public ProbabilityReport? Probability { get; init; }

    /// <summary>What is known of demand; null where no score was learned or judged.</summary>
    [Key("demand")]
    public DemandReport? Demand { get; init; }

    /// <summary>New products and the regression that gives them factors; null without any.</summary>
    [Key("new_products")]
    public ColdReport? Cold { get; init; }

    /// <summary>What competed for the score on the last learning window.</summary>
    [Key("candidates")]
    public CandidateRow[] Candidates { get; init; } = [];

    /// <summary>What the score is made of, the features that move it most first.</summary>
    [Key("features")]
    public FeatureRow[] Features { get; init; } = [];
}

/// <summary>One feature of the score.</summary>
/// <param name="Name">As trainer/REPORT.md says.</param>
/// <param name="Weight">What a unit of it adds to the score.</param>
/// <param name="Effect">
/// |weight| x the feature's standard deviation over all pairs that the score was learned from.
/// </param>
[MessagePackObject]
public sealed record FeatureRow(
    [property: Key("name")] string Name,
    [property: Key("weight")] double Weight,
    [property: Key("effect")] double Effect);

/// <summary>Rows or ids at one stage.</summary>
[MessagePackObject]
public sealed record StageCount([property: Key("stage")] string Stage, [property: Key("count")] long Count);

/// <summary>Rows that were rejected for one reason.</summary>
[MessagePackObject]
public sealed record RejectedRows(
    [property: Key("reason")] string Reason,
    [property: Key("count")] long Count,
    [property: Key("examples")] RejectedRow[] Examples);

/// <summary>One rejected row.</summary>
[MessagePackObject]
public sealed record RejectedRow(
    [property: Key("file")] string File,
    [property: Key("line")] long Line,
    [property: Key("text")] string Text);

/// <summary>The held-out window.</summary>
[MessagePackObject]
public sealed record HoldoutFacts(
    [property: Key("first_day")] string FirstDay,
    [property: Key("last_day")] string LastDay,
    [property: Key("users")] int Users,
    [property: Key("purchases")] long Purchases);

/// <summary>One model's metrics: means over the held-out users who purchased in the window.</summary>
[MessagePackObject]
public sealed record ModelMetrics(
    [property: Key("model")] string Model,
    [property: Key("recall_at_10")] double RecallAt10,
    [property: Key("recall_at_20")] double RecallAt20,
    [property: Key("ndcg_at_10")] double NdcgAt10,
    [property: Key("ndcg_at_20")] double NdcgAt20);
