using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Trainer.Data.Reading;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Settings;
using Trainer.Models.Similarity;

namespace Trainer.Pipeline.Settings;

/// <summary>The settings of <c>train</c>: what a model stores and <c>update</c> repeats.</summary>
public sealed record TrainOptions
{
    private const int MostWeight = 1_000_000;
    private const int MostDays = 1_000_000;

    /// <summary>dataset.json, or the folder of an extract.</summary>
    public required string Dataset { get; init; }

    /// <summary>The folder of snapshots.</summary>
    public required string Out { get; init; }

    /// <summary>The tenant.</summary>
    public string Workspace { get; init; } = SnapshotDirectory.DefaultWorkspace;

    /// <summary>N, the days that a prediction covers, 15..90.</summary>
    public int Horizon { get; init; } = 30;

    /// <summary>ALS settings.</summary>
    public AlsOptions Als { get; init; } = new();

    /// <summary>Settings of the similarity that scores histories, learned on windows before the end.</summary>
    public RidgeOptions Ridge { get; init; } = new() { Neighbors = 48, Regularization = 1, GramNeighbors = 512 };

    /// <summary>
    /// Settings of the one by co-occurrence: for data too short to learn from, and for related products.
    /// </summary>
    public SimilarityOptions Similarity { get; init; } = new();

    /// <summary>How much behavior weighs.</summary>
    public BehaviorWeights Weights { get; init; } = new()
    {
        View = 0.1f,
        Favorite = 0.4f,
        Cart = 0.6f,
        Purchase = 1,
        HalfLifeDays = 180,
    };

    /// <summary>Half-life, in days, of behavior in the similarity score; 0 for no decay.</summary>
    public double HistoryHalfLifeDays { get; init; } = 90;

    /// <summary>
    /// Weight of each tag and name word of a product in ALS; a purchase of today weighs 1, 0 turns tags off.
    /// </summary>
    public double TagWeight { get; init; } = 0.1;

    /// <summary>
    /// A CSV or Parquet file of item factors that another program fitted; null to fit them. Users are solved on them.
    /// </summary>
    public string? ItemFactors { get; init; }

    /// <summary>Whether to learn a re-ranker for batches, and keep it if it wins on the held-out window.</summary>
    public bool Rerank { get; init; }

    /// <summary>The share of rows, of a table or of one behavior type, that may be rejected, 0..1.</summary>
    public double AllowRejected { get; init; } = DatasetReader.AllowedRejected;

    /// <exception cref="InputException">A setting is outside its range.</exception>
    public void Validate()
    {
        Scope.Ending(DateOnly.MaxValue.AddDays(-Scope.MaxHorizon), Horizon);
        Setting.Require(
            TagWeight is >= 0 and <= MostWeight, "--tag-weight", TagWeight, $"0 (tags are not used) to {MostWeight}");
        Setting.Require(
            Weights.HalfLifeDays is >= 0 and <= MostDays,
            "--half-life",
            Weights.HalfLifeDays,
            $"0 (no decay) to {MostDays} days");
        Setting.Require(
            HistoryHalfLifeDays is >= 0 and <= MostDays,
            "history half-life",
            HistoryHalfLifeDays,
            $"0 (no decay) to {MostDays} days");
        Setting.Require(AllowRejected is >= 0 and <= 1, "--allow-rejected", AllowRejected, "a share, 0 to 1");
        foreach (var weight in new double[] { Weights.View, Weights.Favorite, Weights.Cart, Weights.Purchase })
        {
            Setting.Require(weight is >= 0 and <= MostWeight, "behavior weight", weight, $"0 to {MostWeight}");
        }

        Als.Validate();
        Ridge.Validate();
        Similarity.Validate();
    }
}
