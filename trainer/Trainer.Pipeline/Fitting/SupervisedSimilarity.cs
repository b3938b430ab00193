using Engine.Scoring.Profiles;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// What a <see cref="SupervisedRidge"/> learns from: the last windows that end by a scope's last day, one when it
/// holds enough, each with the histories before it. Nothing after that day is read.
/// </summary>
public static class SupervisedSimilarity
{
    /// <summary>Learns it; null when no window before the scope's end holds enough.</summary>
    /// <param name="scoped">The scope whose products are numbered.</param>
    /// <param name="tables">How history weighs.</param>
    /// <param name="options">Settings.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static SimilarityMatrix? Learn(
        ScopedDataset scoped, ProfileTables tables, TrainOptions options, RunContext run) =>
        Prepare(scoped, tables, options, run)?.Solve(options.Ridge, run);

    /// <summary>Makes it ready to solve; null when no window before the scope's end holds enough.</summary>
    /// <inheritdoc cref="Learn"/>
    public static SupervisedRidge? Prepare(
        ScopedDataset scoped, ProfileTables tables, TrainOptions options, RunContext run)
    {
        var (history, targets) = Collect(scoped, tables, run);
        ReleasedMemory.Collect(scoped.EventCount);
        return history.RowCount == 0 ? null : new SupervisedRidge(history.Build(), targets.Build(), options.Ridge, run);
    }

    // Apart, so that the scopes before the windows are gone when it returns.
    private static (MatrixBuilder History, MatrixBuilder Targets) Collect(
        ScopedDataset scoped, ProfileTables tables, RunContext run)
    {
        var index = Numbering.Invert(scoped.ProductSource, scoped.Dataset.Products.Count);
        var (history, targets) = (new MatrixBuilder(scoped.ProductCount), new MatrixBuilder(scoped.ProductCount));
        foreach (var (before, window) in TemporalSplits.Learning(scoped.Dataset, scoped.Scope.End, run))
        {
            run.Cancel.ThrowIfCancellationRequested();
            Add(before, window, index, tables, history, targets, run);
        }

        return (history, targets);
    }

    private static void Add(
        ScopedDataset before,
        Holdout window,
        int[] index,
        ProfileTables tables,
        MatrixBuilder history,
        MatrixBuilder targets,
        RunContext run)
    {
        var profiles = UserProfiles.Build(
            UserProfiles.HistoryOf(before),
            before.LastDay,
            tables,
            new float[before.ProductCount],
            run,
            window.Users,
            own: false);
        var products = Array.ConvertAll(before.ProductSource, product => index[product]);
        history.Reserve(profiles.History.Length);
        targets.Reserve(window.Truth.Count);
        for (var row = 0; row < window.Users.Length; row++)
        {
            var entries = profiles.Weights.Row(row).Indices;
            var first = (int)profiles.Weights.Offsets[row];
            for (var e = 0; e < entries.Length; e++)
            {
                Add(history, products[entries[e]], profiles.History[first + e]);
            }

            history.EndRow();
            // Each purchase of a user with many counts less, so that all users have the same total weight.
            var bought = window.Truth.RowColumns(window.Users[row]);
            foreach (var product in bought)
            {
                Add(targets, products[product], 1 / MathF.Sqrt(bought.Length));
            }

            targets.EndRow();
        }
    }

    // A product that the scope has not is left out, as is a history that has decayed to nothing.
    private static void Add(MatrixBuilder rows, int product, float weight)
    {
        if (product >= 0 && weight > 0)
        {
            rows.Add(product, weight);
        }
    }
}
