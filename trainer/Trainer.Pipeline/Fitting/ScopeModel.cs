using System.Globalization;
using Engine;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
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
    // In epochs.
    private const double SimilarityStep = 0.5;

    /// <summary>What it was fitted on.</summary>
    public required ScopedDataset Scoped { get; init; }

    /// <summary>Users by products: the weight of their behavior, and h; no own-history terms.</summary>
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

    /// <summary>
    /// What remains when no user is asked for any more: products, and figures. Users are most of a model's memory.
    /// </summary>
    public ScopeModel WithoutUsers() => WithoutProfiles() with { Scoped = Scoped.WithoutEvents() };

    /// <summary>What a snapshot is assembled from: it solves users once more, from their behavior.</summary>
    public ScopeModel WithoutProfiles() => this with
    {
        Profiles = new UserProfiles(new SparseContent([0], [], []), [], [], []),
        Als = Als with { Users = new FactorMatrix(0, Als.Items.Factors) },
    };

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
                + $"expected at least {Scope.MinimumProducts}: give more products or check the mapping of ids"
                + (scoped.Report.BeforeScope > scoped.Report.InScope
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $", and the times: {scoped.Report.BeforeScope:N0} of {scoped.Report.Behaviors:N0} behaviors "
                        + $"lie before the scope, which ends with the latest one")
                    : ""));
        }

        var steps = options.Als.Epochs + SimilarityStep;
        var tables = new ProfileTables(
            options.Weights,
            PreferenceTerms.None with
            {
                HalfLives = FeatureLayout.HalfLives,
                HistoryHalfLifeDays = options.HistoryHalfLifeDays,
            });
        run.Progress.Report(stage, 0, steps);
        // Users come last: while the similarity is learned, nobody needs their factors.
        var learned = supervised ? SupervisedSimilarity.Learn(scoped, tables, options, run) : null;
        ReleasedMemory.Collect(scoped.EventCount);
        var items = related
            ? RelatedItems.Compute(AllPurchases.Of(scoped), options.Similarity.Neighbors, run)
            : RelatedItems.Empty(scoped.ProductCount);
        var similarity =
            learned ?? ItemSimilarity.Compute(Interactions.Purchases(scoped), options.Similarity, run);
        run.Progress.Report(stage, SimilarityStep, steps);
        ReleasedMemory.Collect(scoped.EventCount);
        var (profiles, als) = FitFactors(
            scoped, options, tables, run, start, epoch => run.Progress.Report(stage, epoch.Number, steps));
        ReleasedMemory.Collect(scoped.EventCount);
        run.Progress.Report(stage, steps, steps);
        return new ScopeModel
        {
            Scoped = scoped,
            Profiles = profiles,
            Tables = tables,
            Als = als,
            Similarity = similarity,
            Supervised = learned is not null,
            Related = items,
            Signals = new ProductSignals(scoped, RepeatRate.Estimate(Interactions.PurchaseCounts(scoped))),
            Buyers = Interactions.Buyers(scoped),
        };
    }

    // Apart from the rest, so that the matrices of ALS are gone when it returns.
    private static (UserProfiles Profiles, AlsResult Als) FitFactors(
        ScopedDataset scoped,
        TrainOptions options,
        ProfileTables tables,
        RunContext run,
        AlsStart? start,
        Action<AlsEpoch> progress)
    {
        var tags = TagRows.Of(scoped, options.TagWeight);
        var profiles = UserProfiles.Build(
            UserProfiles.HistoryOf(scoped),
            scoped.LastDay,
            tables,
            new float[scoped.ProductCount],
            run,
            own: false,
            room: tags.Count);
        var rows = Interactions.Of(profiles.Weights, tags);
        var als = options.ItemFactors is { } imported
            ? Trainer.Models.Factors.Als.Solve(
                rows, ImportedItems.Read(imported, scoped, options.Als.Factors), options.Als, run)
            : Trainer.Models.Factors.Als.Train(rows, options.Als, run, start, progress);
        return (profiles, als with { Users = als.Users.Head(scoped.UserCount) });
    }
}
