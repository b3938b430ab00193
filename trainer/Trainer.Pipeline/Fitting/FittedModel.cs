using Engine;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Trainer.Data.Progress;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Models.Regression;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Fitting;

/// <summary>The parts of the score, fitted on one scope and not yet weighted. Users and products as in the scope.</summary>
public sealed record FittedModel
{
    /// <summary>What it was fitted on.</summary>
    public required ScopedDataset Scoped { get; init; }

    /// <summary>Users by products: the weight of their behaviour, and h; no own-history terms yet.</summary>
    public required UserProfiles Profiles { get; init; }

    /// <summary>How behaviour weighs.</summary>
    public required ProfileTables Tables { get; init; }

    /// <summary>Factors of users and products.</summary>
    public required AlsResult Als { get; init; }

    /// <summary>B: what one unit of history with j adds to i.</summary>
    public required SimilarityMatrix Similarity { get; init; }

    /// <summary>Whether <see cref="Similarity"/> was learned on windows before the scope's end; otherwise it is co-occurrence.</summary>
    public required bool Supervised { get; init; }

    /// <summary>What goes with each product, for people to read; empty where nobody reads it.</summary>
    public required RelatedItems Related { get; init; }

    /// <summary>How products sell and repeat.</summary>
    public required ProductSignals Signals { get; init; }

    /// <summary>Users who purchased each product.</summary>
    public required int[] Buyers { get; init; }

    /// <summary>Fits all parts.</summary>
    /// <param name="scoped">The scope.</param>
    /// <param name="options">Settings.</param>
    /// <param name="supervised">Whether the similarity is to be a supervised one; it is not when the data are too short.</param>
    /// <param name="stage">For the progress.</param>
    /// <param name="progress">Where progress goes.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <param name="start">Where the factors begin; null to start from random users and to keep no checkpoints.</param>
    /// <param name="related">Whether related products are wanted too.</param>
    /// <exception cref="InputException">Fewer than 10 eligible products, or settings that make the loss overflow.</exception>
    public static FittedModel Fit(
        ScopedDataset scoped,
        TrainOptions options,
        bool supervised,
        string stage,
        IProgressReporter progress,
        CancellationToken cancel,
        AlsStart? start = null,
        bool related = false)
    {
        if (scoped.ProductCount < Scope.MinimumProducts)
        {
            throw new InputException($"found {scoped.ProductCount} products with a purchase in the scope {scoped.Scope}, expected at least {Scope.MinimumProducts}: give more products or check the mapping of ids");
        }

        var steps = options.Als.Epochs + 2.0;
        var tables = new ProfileTables(
            options.Weights, PreferenceTerms.None with { HalfLives = FeatureLayout.HalfLives, HistoryHalfLifeDays = options.HistoryHalfLifeDays });
        var profiles = UserProfiles.Build(
            UserProfiles.HistoryOf(scoped), scoped.LastDay, tables, new float[scoped.ProductCount], options.Threads);
        var purchases = Interactions.Purchases(scoped);
        progress.Report(stage, 0, steps);
        var rows = Interactions.Of(profiles.Weights, scoped.ProductCount).Append(TagRows.Of(scoped, options.TagWeight));
        var als = Trainer.Models.Factors.Als.Train(rows, options.Als, start ?? new AlsStart(), epoch => progress.Report(stage, epoch.Number, steps), cancel);
        var learned = supervised ? SupervisedSimilarity.Prepare(scoped, tables, options, cancel)?.Solve(options.SupervisedRidge, cancel) : null;
        progress.Report(stage, steps - 1, steps);
        var items = related ? RelatedItems.Compute(purchases, options.Similarity.Neighbors, options.Threads, cancel) : RelatedItems.Empty(scoped.ProductCount);
        progress.Report(stage, steps, steps);
        return new FittedModel
        {
            Scoped = scoped,
            Profiles = profiles,
            Tables = tables,
            Als = als with { Users = als.Users.Head(scoped.UserCount) },
            Similarity = learned ?? ItemSimilarity.Compute(purchases, options.Similarity, cancellation: cancel),
            Supervised = learned is not null,
            Related = items,
            Signals = new ProductSignals(scoped, RepeatRate.Estimate(Interactions.PurchaseCounts(scoped))),
            Buyers = CountColumns(purchases),
        };
    }

    private static int[] CountColumns(InteractionMatrix matrix)
    {
        var counts = new int[matrix.ColumnCount];
        foreach (var column in matrix.Columns)
        {
            counts[column]++;
        }

        return counts;
    }
}
