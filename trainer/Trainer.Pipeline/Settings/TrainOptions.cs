using System.Globalization;
using Engine;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Trainer.Pipeline.Settings;

/// <summary>The settings of <c>train</c>: what a model stores and <c>update</c> repeats.</summary>
public sealed record TrainOptions
{
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

    /// <summary>Settings of the one by co-occurrence: for data too short to learn from, and for related products.</summary>
    public SimilarityOptions Similarity { get; init; } = new();

    /// <summary>How much behavior weighs.</summary>
    public BehaviorWeights Weights { get; init; } = new() { View = 0.1f, Favorite = 0.4f, Cart = 0.6f, Purchase = 1, HalfLifeDays = 180 };

    /// <summary>Half-life, in days, of behavior in the similarity score; 0 for no decay.</summary>
    public double HistoryHalfLifeDays { get; init; } = 90;

    /// <summary>Weight of each tag and name word of a product in ALS; a purchase of today weighs 1, 0 turns tags off.</summary>
    public double TagWeight { get; init; } = 0.1;

    /// <summary>Whether to learn a re-ranker for batches, and keep it if it wins on the held-out window.</summary>
    public bool Rerank { get; init; }

    /// <exception cref="InputException">A setting is outside its range.</exception>
    public void Validate()
    {
        Scope.Ending(DateOnly.MaxValue.AddDays(-Scope.MaxHorizon), Horizon);
        if (!(TagWeight >= 0 && double.IsFinite(TagWeight)))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"tag weight is {TagWeight}: give 0 (tags are not used) or more"));
        }

        Als.Validate();
        Ridge.Validate();
        Similarity.Validate();
    }
}
