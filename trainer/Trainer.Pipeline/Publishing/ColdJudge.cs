using System.Numerics.Tensors;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Publishing;

/// <summary>
/// Judges factors from tags on products that were hidden from the regression: who purchased them, told from behavior
/// with the other products? Factors of the other products were learned beside the hidden ones.
/// </summary>
internal sealed class ColdJudge
{
    private const int MostUsers = 2_000;
    private const int Top = 10;
    private const int Scores = 3;

    private readonly SnapshotContent _content;
    private readonly bool[] _isHidden;
    private readonly int[] _hidden;
    private readonly int[] _users;
    private readonly RunContext _run;

    public ColdJudge(SnapshotContent content, bool[] isHidden, RunContext run)
    {
        (_content, _isHidden, _run) = (content, isHidden, run);
        _hidden = [.. Enumerable.Range(0, isHidden.Length).Where(product => isHidden[product])];
        int[] users = [.. Enumerable.Range(0, content.UserIds.Count).Where(user => Purchased(user).Any())];
        var judged = Math.Min(users.Length, MostUsers);
        _users = [.. Enumerable.Range(0, judged).Select(n => users[(int)((long)n * users.Length / judged)])];
    }

    /// <summary>Judges.</summary>
    /// <param name="predicted">The row of every product by its tags; those of the hidden ones are looked at.</param>
    public (int Hidden, int Users, ColdMetrics Tags, ColdMetrics Popularity, ColdMetrics Own) Judge(
        FactorContent predicted)
    {
        var sums = new (double Auc, double Recall)[_users.Length][];
        var tables = new ProfileTables(_content.Manifest.Weights, _content.Manifest.Preference);
        Workers.Run(
            _users.Length,
            _run,
            () => (
                new ProfileBuilder(tables),
                new FoldIn(_content.ProductFactors.View, _content.Spectrum, _content.Manifest.FoldIn),
                new float[_hidden.Length]),
            (scratch, n) =>
            {
                var (builder, foldIn, scores) = scratch;
                var vector = VectorOf(_users[n], builder, foldIn)[..predicted.Columns];
                sums[n] = new (double, double)[Scores];
                bool[] purchased = new bool[_hidden.Length];
                foreach (var product in Purchased(_users[n]))
                {
                    purchased[Array.BinarySearch(_hidden, product)] = true;
                }

                for (var score = 0; score < Scores; score++)
                {
                    for (var i = 0; i < _hidden.Length; i++)
                    {
                        scores[i] = score switch
                        {
                            0 => TensorPrimitives.Dot(vector, predicted.Row(_hidden[i])),
                            1 => _content.ProductBuyers[_hidden[i]],
                            _ => TensorPrimitives.Dot(vector, _content.ProductFactors.Row(_hidden[i])),
                        };
                    }

                    sums[n][score] = Metrics(scores, purchased);
                }
            });
        return (_hidden.Length, _users.Length, Mean(0), Mean(1), Mean(2));

        ColdMetrics Mean(int score) => new(
            _users.Length == 0 ? 0 : sums.Average(user => user[score].Auc),
            _users.Length == 0 ? 0 : sums.Average(user => user[score].Recall));
    }

    private IEnumerable<int> Purchased(int user)
    {
        var history = _content.History;
        for (var e = history.Offsets[user]; e < history.Offsets[user + 1]; e++)
        {
            if (history.Types[e] == (byte)BehaviorType.Purchase && _isHidden[history.Products[e]])
            {
                yield return history.Products[e];
            }
        }
    }

    private ReadOnlySpan<float> VectorOf(int user, ProfileBuilder builder, FoldIn foldIn)
    {
        var history = _content.History;
        builder.Begin();
        for (var e = history.Offsets[user]; e < history.Offsets[user + 1]; e++)
        {
            if (!_isHidden[history.Products[e]])
            {
                builder.Add(
                    history.Products[e],
                    (BehaviorType)history.Types[e],
                    _content.Manifest.Scope.Days - history.Days[e]);
            }
        }

        builder.Finish(_content.ProductRepeat);
        return foldIn.Solve(builder.Row.Weights, builder.UserRate);
    }

    private static (double Auc, double Recall) Metrics(float[] scores, bool[] purchased)
    {
        var (count, auc, found) = (purchased.Count(one => one), 0.0, 0);
        for (var i = 0; i < scores.Length; i++)
        {
            if (!purchased[i])
            {
                continue;
            }

            var (lower, before) = (0.0, 0);
            for (var other = 0; other < scores.Length; other++)
            {
                lower += purchased[other] || scores[other] > scores[i] ? 0 : scores[other] < scores[i] ? 1 : 0.5;
                before += scores[other] > scores[i] || (scores[other] == scores[i] && other < i) ? 1 : 0;
            }

            auc += count < scores.Length ? lower / (scores.Length - count) : 0.5;
            found += before < Top ? 1 : 0;
        }

        return (auc / count, (double)found / Math.Min(Top, count));
    }
}
