using Engine.Kernels.Arithmetic;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// Draws pairs of users and products for learning. Always taken: what followed, what the user has a history with, and
/// the strongest by factors and by similarity; of all others a share, each standing for as many as it was drawn from.
/// </summary>
public static class PairSampler
{
    private const int Strongest = 60;
    private const double OthersPerUser = 200;

    /// <summary>
    /// Draws from the pairs of <paramref name="users"/> with all products; the draw depends on nothing but them.
    /// </summary>
    /// <param name="model">What was fitted before the window.</param>
    /// <param name="holdout">What followed.</param>
    /// <param name="users">Users of the model's scope.</param>
    /// <param name="layout">The places of features.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="write">Writes a row's features; the pair features have been turned to the user.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static PairSample Draw(
        ScopeModel model,
        Holdout holdout,
        int[] users,
        FeatureLayout layout,
        int features,
        Action<PairFeatures, int, float[]> write,
        RunContext run)
    {
        var byUser = new PairSample[users.Length];
        var demand = DemandGap.Demand(holdout);
        Workers.Run(
            users.Length,
            run,
            () => new Scratch(model, layout, demand, features, write),
            (scratch, n) => byUser[n] = scratch.Draw(users[n], holdout.Truth.RowColumns(users[n])));
        var all = new PairSample(features);
        foreach (var sample in byUser)
        {
            all.Add(sample);
        }

        return all;
    }

    /// <summary>
    /// At most <paramref name="most"/> users, evenly over their order, which is that of their ids: no chance, no bias.
    /// </summary>
    public static int[] Evenly(int[] users, int most) => users.Length <= most
        ? users
        : [.. Enumerable.Range(0, most).Select(i => users[(int)((long)i * users.Length / most)])];

    // A hash of the pair, 0..1.
    private static double Chance(int user, int product) =>
        (SplitMix64.Hash(((ulong)(uint)user << 32) | (uint)product) >> 11) * (1.0 / (1ul << 53));

    private sealed class Scratch(
        ScopeModel model,
        FeatureLayout layout,
        float[] demand,
        int features,
        Action<PairFeatures, int, float[]> write)
    {
        private readonly PairFeatures _pairs = new(model, layout, demand);
        private readonly float[] _row = new float[features];
        private readonly bool[] _sure = new bool[model.Scoped.ProductCount];
        private readonly TopItems _top = new(Strongest);

        public PairSample Draw(int user, ReadOnlySpan<int> truth)
        {
            _pairs.Compute(user);
            _sure.AsSpan().Clear();
            MarkStrongest(_pairs.Factors);
            MarkStrongest(_pairs.Similarity);
            foreach (var product in _pairs.History)
            {
                _sure[product] = true;
            }

            foreach (var product in truth)
            {
                _sure[product] = true;
            }

            var share = Math.Min(1, OthersPerUser / _sure.Length);
            var sample = new PairSample(features);
            for (var product = 0; product < _sure.Length; product++)
            {
                if (_sure[product] || Chance(user, product) < share)
                {
                    write(_pairs, product, _row);
                    sample.Add(_row, truth.BinarySearch(product) >= 0, _sure[product] ? 1 : (float)(1 / share));
                }
            }

            return sample;
        }

        private void MarkStrongest(ReadOnlySpan<float> scores)
        {
            foreach (var (score, product) in _top.Select(scores))
            {
                _sure[product] |= score > 0;
            }
        }
    }
}
