using System.Numerics.Tensors;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>
/// nDCG@K of first + w second for many weights w in one pass: both score every user once, however many weights are tried.
/// </summary>
public static class WeightJudge
{
    /// <summary>One mean nDCG per weight; the same at any number of threads.</summary>
    public static double[] Run(
        Func<IItemScorer> first, Func<IItemScorer> second, double[] weights, ValidationSplit split, int k, int threads)
    {
        var (users, items) = (split.Users, split.Fit.ColumnCount);
        var stride = (items + 15) & ~15;
        var values = new double[users.Length * weights.Length];
        var blocks = Ranking.Blocks(users);
        Workers.Run(
            blocks.Count,
            threads,
            () => new Scratch(first(), second(), stride, k),
            (scratch, piece) =>
            {
                var (start, end) = blocks[piece];
                scratch.Score(users[start], users[end - 1] - users[start] + 1);
                for (var n = start; n < end; n++)
                {
                    for (var w = 0; w < weights.Length; w++)
                    {
                        values[(n * weights.Length) + w] = scratch.Judge(
                            (users[n] - users[start]) * stride, (float)weights[w], split, users[n]);
                    }
                }
            });
        var means = new double[weights.Length];
        for (var n = 0; n < values.Length; n++)
        {
            means[n % weights.Length] += values[n] / users.Length;
        }

        return means;
    }

    private sealed class Scratch(IItemScorer first, IItemScorer second, int stride, int k)
    {
        private readonly float[] _first = new float[IItemScorer.BlockUsers * stride];
        private readonly float[] _second = new float[IItemScorer.BlockUsers * stride];
        private readonly float[] _sum = new float[stride];
        private readonly int[] _list = new int[k];
        private readonly TopItems _top = new(k);

        public void Score(int user, int count)
        {
            first.Score(user, count, _first, stride);
            second.Score(user, count, _second, stride);
        }

        public double Judge(int row, float weight, ValidationSplit split, int user)
        {
            var sum = _sum.AsSpan(0, split.Fit.ColumnCount);
            TensorPrimitives.MultiplyAdd(_second.AsSpan(row, sum.Length), weight, _first.AsSpan(row, sum.Length), sum);
            foreach (var item in split.Fit.RowColumns(user))
            {
                sum[item] = float.NegativeInfinity;
            }

            _list.AsSpan().Fill(-1);
            var place = 0;
            foreach (var (_, item) in _top.Select(sum))
            {
                _list[place++] = item;
            }

            return RankingMetrics.ListNdcg(_list, split.Held.RowColumns(user));
        }
    }
}
