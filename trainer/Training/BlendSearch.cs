using System.Numerics.Tensors;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Training;

/// <summary>
/// Learns the weights of the score's parts: the weights of the best nDCG@20 on a window after the fitted scope, from a grid
/// over orders of magnitude and a finer one around its best point.
/// </summary>
public static class BlendSearch
{
    private const int TopK = 20;
    private const int MostUsers = 2000;
    private static readonly float[] Coarse = [0, 0.03f, 0.1f, 0.3f, 1, 3];
    private static readonly float[] Fine = [0.55f, 1, 1.8f];

    /// <summary>The best weights for <paramref name="model"/> on <paramref name="holdout"/>; at most 2,000 users decide.</summary>
    public static ScoreWeights Find(FittedModel model, Holdout holdout, int threads)
    {
        var users = Sample(holdout.Users);
        var best = Best(model, holdout, users, threads, CoarseGrid());
        return Best(model, holdout, users, threads, FineGrid(best));
    }

    private static List<ScoreWeights> CoarseGrid()
    {
        var grid = new List<ScoreWeights>();
        foreach (var factors in (float[])[1, 0])
        {
            foreach (var similarity in Coarse)
            {
                grid.AddRange(
                    from repeat in Coarse
                    from rate in Coarse
                    where factors + similarity + repeat + rate > 0
                    select new ScoreWeights(factors, similarity, repeat, rate));
            }
        }

        return grid;
    }

    private static List<ScoreWeights> FineGrid(ScoreWeights best) =>
    [
        .. from similarity in Fine
           from repeat in Fine
           from rate in Fine
           select best with
           {
               Similarity = best.Similarity * similarity,
               Repeat = best.Repeat * repeat,
               Rate = best.Rate * rate,
           },
    ];

    // Evenly over the users, whose order is that of their ids: no chance, no bias.
    private static int[] Sample(int[] users) => users.Length <= MostUsers
        ? users
        : [.. Enumerable.Range(0, MostUsers).Select(i => users[(int)((long)i * users.Length / MostUsers)])];

    private static ScoreWeights Best(
        FittedModel model, Holdout holdout, int[] users, int threads, List<ScoreWeights> grid)
    {
        // One row a user, summed in their order: the same choice at any number of threads.
        var gains = new double[users.Length][];
        Workers.Run(
            users.Length,
            threads,
            () => new Scratch(model),
            (scratch, i) => gains[i] = scratch.Gains(users[i], holdout.Truth.RowColumns(users[i]), grid));
        var totals = new double[grid.Count];
        foreach (var row in gains)
        {
            TensorPrimitives.Add(totals, row, totals);
        }

        return grid[Array.IndexOf(totals, totals.Max())];
    }

    private sealed class Scratch(FittedModel model)
    {
        private readonly ScoreParts _parts = new(model);
        private readonly float[] _dense = new float[model.Scoped.ProductCount];
        private readonly float[] _repeated = new float[model.Scoped.ProductCount];
        private readonly float[] _scores = new float[model.Scoped.ProductCount];
        private readonly TopItems _top = new(TopK);

        public double[] Gains(int user, ReadOnlySpan<int> truth, List<ScoreWeights> grid)
        {
            _parts.Compute(user);
            var gains = new double[grid.Count];
            ScoreWeights? previous = null;
            for (var g = 0; g < grid.Count; g++)
            {
                var weights = grid[g];

                // The grid is nested: outer sums are kept while their weights stay.
                if (previous is not { } last || last.Factors != weights.Factors || last.Similarity != weights.Similarity)
                {
                    TensorPrimitives.Multiply(_parts.Factors, weights.Factors, _dense);
                    TensorPrimitives.MultiplyAdd(_parts.Similarity, weights.Similarity, _dense, _dense);
                    previous = null;
                }

                if (previous is null || previous.Value.Repeat != weights.Repeat)
                {
                    TensorPrimitives.MultiplyAdd(_parts.Repeat, weights.Repeat, _dense, _repeated);
                }

                TensorPrimitives.MultiplyAdd(model.ProductRates, weights.Rate, _repeated, _scores);
                gains[g] = RankingMetrics.NdcgOf(_top.Select(_scores), truth, TopK);
                previous = weights;
            }

            return gains;
        }
    }
}
