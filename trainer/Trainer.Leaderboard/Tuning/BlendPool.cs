using System.Numerics.Tensors;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// For every evaluated user the items that may be recommended: the best of each of a few models. Parts are scored on
/// these items once; then any weights are evaluated in milliseconds. An item that none of the models ranks high is
/// missed, so values are a little low, the same for all weights.
/// </summary>
public sealed class BlendPool
{
    private const int ItemsPerModel = 150;
    private const int UsersPerPiece = 64;

    private readonly ValidationSplit _split;
    private readonly int _k;
    private readonly RunContext _run;
    private readonly int[] _offsets;
    private readonly int[] _items;

    /// <summary>Collects the items.</summary>
    /// <param name="split">Users, and what is held out of them.</param>
    /// <param name="models">Whose best items compete.</param>
    /// <param name="k">Length of the lists.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public BlendPool(ValidationSplit split, IEnumerable<FittedPart> models, int k, RunContext run)
    {
        (_split, _k, _run) = (split, k, run);
        var tops = models
            .Select(model => Ranking.Compute(model.Scorer, split.Fit, split.Users, Math.Max(k, ItemsPerModel), run))
            .ToArray();
        _offsets = new int[split.Users.Length + 1];
        var items = new List<int>();
        for (var n = 0; n < split.Users.Length; n++)
        {
            var found = new SortedSet<int>();
            foreach (var top in tops)
            {
                found.UnionWith(top.List(n).ToArray());
            }

            found.Remove(-1);
            items.AddRange(found);
            _offsets[n + 1] = items.Count;
        }

        _items = [.. items];
    }

    /// <summary>The scores of a part on all items of the pool, and what makes their mean magnitude 1.</summary>
    public (float[] Scores, double Scale) Score(FittedPart part)
    {
        var scores = new float[_items.Length];
        var users = _split.Users;
        var blocks = Ranking.Blocks(users);
        var stride = (_split.Fit.ColumnCount + 15) & ~15;
        Workers.Run(
            blocks.Count,
            _run,
            () => (Scorer: part.Scorer(), Dense: new float[IItemScorer.BlockUsers * stride]),
            (scratch, piece) =>
            {
                var (start, end) = blocks[piece];
                scratch.Scorer.Score(users[start], users[end - 1] - users[start] + 1, scratch.Dense, stride);
                for (var n = start; n < end; n++)
                {
                    for (var e = _offsets[n]; e < _offsets[n + 1]; e++)
                    {
                        scores[e] = scratch.Dense[((users[n] - users[start]) * stride) + _items[e]];
                    }
                }
            });
        var mean = TensorPrimitives.SumOfMagnitudes(scores) / Math.Max(1.0, scores.Length);
        return (scores, 1 / Math.Max(mean, 1e-30));
    }

    /// <summary>nDCG@K of the sum of weight x scores, for every evaluated user.</summary>
    public double[] Evaluate(IReadOnlyList<float[]> scores, IReadOnlyList<double> weights)
    {
        var values = new double[_split.Users.Length];
        Workers.Run(
            (values.Length + UsersPerPiece - 1) / UsersPerPiece,
            _run,
            () => (Sum: new float[Longest()], Top: new TopItems(_k), List: new int[_k]),
            (scratch, piece) =>
            {
                for (var n = piece * UsersPerPiece; n < Math.Min(values.Length, (piece + 1) * UsersPerPiece); n++)
                {
                    var range = _offsets[n].._offsets[n + 1];
                    var sum = scratch.Sum.AsSpan(0, _offsets[n + 1] - _offsets[n]);
                    sum.Clear();
                    for (var part = 0; part < scores.Count; part++)
                    {
                        TensorPrimitives.MultiplyAdd(scores[part].AsSpan(range), (float)weights[part], sum, sum);
                    }

                    scratch.List.AsSpan().Fill(-1);
                    var place = 0;
                    foreach (var (_, item) in scratch.Top.Select(sum))
                    {
                        scratch.List[place++] = _items[_offsets[n] + item];
                    }

                    values[n] = ListMetrics.Of(scratch.List, _split.Held.RowColumns(_split.Users[n]), _k).Ndcg;
                }
            });
        return values;
    }

    private int Longest()
    {
        var longest = 0;
        for (var n = 0; n + 1 < _offsets.Length; n++)
        {
            longest = Math.Max(longest, _offsets[n + 1] - _offsets[n]);
        }

        return longest;
    }
}
