using Engine;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Regression;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// The parts of the score, fitted on one scope and not yet weighted. Users and products as in the scope.
/// </summary>
public sealed record ScopeModel
{
    /// <summary>What it was fitted on.</summary>
    public required ScopedDataset Scoped { get; init; }

    /// <summary>Users by products: the weight of their behavior, and h; no own-history terms yet.</summary>
    public required UserProfiles Profiles { get; init; }

    /// <summary>How behavior weighs.</summary>
    public required ProfileTables Tables { get; init; }

    /// <summary>Factors of users and products.</summary>
    public required AlsResult Als { get; init; }

    /// <summary>B: what one unit of history with j adds to the score of i.</summary>
    public required SimilarityMatrix Similarity { get; init; }

    /// <summary>
    /// Whether <see cref="Similarity"/> was learned on windows before the scope's end; otherwise it is co-occurrence.
    /// </summary>
    public required bool Supervised { get; init; }

    /// <summary>Related products of each product; empty for a model that is not published.</summary>
    public required RelatedItems Related { get; init; }

    /// <summary>How products sell and repeat.</summary>
    public required ProductSignals Signals { get; init; }

    /// <summary>Users who purchased each product.</summary>
    public required int[] Buyers { get; init; }

    /// <summary>Fits all parts.</summary>
    /// <param name="scoped">The scope.</param>
    /// <param name="options">Settings.</param>
    /// <param name="supervised">
    /// Whether the similarity is to be a supervised one; it is not when the data are too short.
    /// </param>
    /// <param name="stage">The name of the stage in the progress.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="start">Where the factors start; null for random users and no checkpoints.</param>
    /// <param name="related">Whether related products are wanted too.</param>
    /// <exception cref="InputException">
    /// Fewer than 10 eligible products, or settings that make the loss overflow.
    /// </exception>
    public static ScopeModel Fit(
        ScopedDataset scoped,
        TrainOptions options,
        bool supervised,
        string stage,
        RunContext run,
        AlsStart? start = null,
        bool related = false)
    {
        if (scoped.ProductCount < Scope.MinimumProducts)
        {
            throw new InputException(
                $"found {scoped.ProductCount} products with a purchase in the scope {scoped.Scope}, "
                + $"expected at least {Scope.MinimumProducts}: give more products or check the mapping of ids");
        }

        var steps = options.Als.Epochs + 2.0;
        var tables = new ProfileTables(
            options.Weights,
            PreferenceTerms.None with
            {
                HalfLives = FeatureLayout.HalfLives,
                HistoryHalfLifeDays = options.HistoryHalfLifeDays,
            });
        var profiles = UserProfiles.Build(
            UserProfiles.HistoryOf(scoped), scoped.LastDay, tables, new float[scoped.ProductCount], run);
        var purchases = Interactions.Purchases(scoped);
        run.Progress.Report(stage, 0, steps);
        var rows = Interactions.Of(profiles.Weights, scoped.ProductCount).Append(TagRows.Of(scoped, options.TagWeight));
        var als = options.ItemFactors is { } imported
            ? Trainer.Models.Factors.Als.Solve(
                rows, ImportedItems.Read(imported, scoped, options.Als.Factors), options.Als, run)
            : Trainer.Models.Factors.Als.Train(
                rows, options.Als, run, start, epoch => run.Progress.Report(stage, epoch.Number, steps));
        var learned = supervised
            ? SupervisedSimilarity.Prepare(scoped, tables, options, run)?.Solve(options.Ridge, run)
            : null;
        run.Progress.Report(stage, steps - 1, steps);
        var items = related
            ? RelatedItems.Compute(AllPurchases.Of(scoped, purchases), options.Similarity.Neighbors, run)
            : RelatedItems.Empty(scoped.ProductCount);
        run.Progress.Report(stage, steps, steps);
        return new ScopeModel
        {
            Scoped = scoped,
            Profiles = profiles,
            Tables = tables,
            Als = als with { Users = als.Users.Head(scoped.UserCount) },
            Similarity = learned ?? ItemSimilarity.Compute(purchases, options.Similarity, run),
            Supervised = learned is not null,
            Related = items,
            Signals = new ProductSignals(scoped, RepeatRate.Estimate(Interactions.PurchaseCounts(scoped))),
            Buyers = purchases.ColumnCounts(),
        };
    }
}
