using Engine.Scoring.Profiles;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// What a <see cref="SupervisedRidge"/> learns from: the last windows that end by a scope's last day, one when it
/// holds enough, each with the histories before it. Nothing after that day is read.
/// </summary>
public static class SupervisedSimilarity
{
    /// <summary>Makes it ready to solve; null when no window before the scope's end holds enough.</summary>
    /// <param name="scoped">The scope whose products are numbered.</param>
    /// <param name="tables">How history weighs.</param>
    /// <param name="options">Settings.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static SupervisedRidge? Prepare(
        ScopedDataset scoped, ProfileTables tables, TrainOptions options, RunContext run)
    {
        var index = Numbering.Invert(scoped.ProductSource, scoped.Dataset.Products.Count);
        var (history, targets) = (new MatrixBuilder(scoped.ProductCount), new MatrixBuilder(scoped.ProductCount));
        foreach (var (before, window) in TemporalSplits.Learning(scoped.Dataset, scoped.Scope.End))
        {
            run.Cancel.ThrowIfCancellationRequested();
            Add(before, window, index, tables, history, targets, run);
        }

        return history.RowCount == 0 ? null : new SupervisedRidge(history.Build(), targets.Build(), options.Ridge, run);
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
            UserProfiles.HistoryOf(before), before.LastDay, tables, new float[before.ProductCount], run);
        var products = Array.ConvertAll(before.ProductSource, product => index[product]);
        foreach (var user in window.Users)
        {
            var entries = profiles.Weights.Row(user).Indices;
            var first = (int)profiles.Weights.Offsets[user];
            for (var e = 0; e < entries.Length; e++)
            {
                Add(history, products[entries[e]], profiles.History[first + e]);
            }

            history.EndRow();
            // Each purchase of a user with many counts less, so that all users have the same total weight.
            var bought = window.Truth.RowColumns(user);
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
