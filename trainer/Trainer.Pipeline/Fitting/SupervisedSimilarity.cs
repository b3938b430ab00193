using System.Runtime.InteropServices;
using Engine.Scoring.Profiles;
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
    public static SupervisedRidge? Prepare(ScopedDataset scoped, ProfileTables tables, TrainOptions options, RunContext run)
    {
        var index = new int[scoped.Dataset.Products.Count];
        index.AsSpan().Fill(-1);
        for (var product = 0; product < scoped.ProductCount; product++)
        {
            index[scoped.ProductSource[product]] = product;
        }

        var (history, targets) = (new Rows(), new Rows());
        foreach (var (before, window) in TemporalSplits.Learning(scoped.Dataset, scoped.Scope.End))
        {
            run.Cancel.ThrowIfCancellationRequested();
            Add(before, window, index, tables, history, targets, run);
        }

        return history.Count == 0
            ? null
            : new SupervisedRidge(history.Matrix(scoped.ProductCount), targets.Matrix(scoped.ProductCount), options.Ridge, run);
    }

    private static void Add(
        ScopedDataset before, Holdout window, int[] index, ProfileTables tables, Rows history, Rows targets, RunContext run)
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
                history.Add(products[entries[e]], profiles.History[first + e]);
            }

            history.End();
            // Each purchase of a user with many counts less, so that all users have the same total weight.
            var bought = window.Truth.RowColumns(user);
            foreach (var product in bought)
            {
                targets.Add(products[product], 1 / MathF.Sqrt(bought.Length));
            }

            targets.End();
        }
    }

    private sealed class Rows
    {
        private readonly List<long> _offsets = [0];
        private readonly List<int> _columns = [];
        private readonly List<float> _weights = [];

        public int Count => _offsets.Count - 1;

        public void Add(int column, float weight)
        {
            if (column >= 0 && weight > 0)
            {
                _columns.Add(column);
                _weights.Add(weight);
            }
        }

        public void End()
        {
            var start = (int)_offsets[^1];
            CollectionsMarshal.AsSpan(_columns)[start..].Sort(CollectionsMarshal.AsSpan(_weights)[start..]);
            _offsets.Add(_columns.Count);
        }

        public InteractionMatrix Matrix(int columns) => new(Count, columns, [.. _offsets], [.. _columns], [.. _weights]);
    }
}
