using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;

namespace Engine.Scoring.Ranking;

/// <summary>
/// The audience curve by exact scores. It depends on the users alone, not on what lies beside them in a file: curves of
/// shards over the same thresholds add up to that of the whole. Memory: 4 bytes a user.
/// </summary>
internal static class ExactCurve
{
    private const int Chunk = 1 << 14;

    /// <summary>Counts the eligible users of a query into the answer's curve, over its thresholds or its own.</summary>
    public static void Count(ScoringModel model, in TopKQuery search, RankUsersQuery query, RankUsersAnswer answer)
    {
        var scores = Scores(model, search);
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var user = 0; user < scores.Length; user++)
        {
            if ((search.Eligible[user >> 6] >> user & 1) != 0)
            {
                (low, high) = (MathF.Min(low, scores[user]), MathF.Max(high, scores[user]));
            }
        }

        var curve = answer.BeginCurve();
        (answer.LowScore, answer.HighScore) = (low, high);
        var (first, last) = (query.CurveLow ?? low, query.CurveHigh ?? high);
        if (!float.IsFinite(low) || !float.IsFinite(high) || !float.IsFinite(last - first))
        {
            curve.Begin(0, 0);
            return;
        }

        curve.Begin(first, last);
        for (var user = 0; user < scores.Length; user++)
        {
            if ((search.Eligible[user >> 6] >> user & 1) != 0)
            {
                curve.Count(scores[user]);
            }
        }
    }

    private static float[] Scores(ScoringModel model, in TopKQuery search)
    {
        var scores = GC.AllocateUninitializedArray<float>(model.Users.Rows);
        var vector = search.Vector.ToArray();
        var cancellation = search.Cancellation;
        Parallel.For(0, (scores.Length + Chunk - 1) / Chunk, ThreadChoice.Of(-1, cancellation), chunk =>
        {
            var first = chunk * Chunk;
            DotProduct.ScoreRows(
                vector, model.Users, first, scores.AsSpan(first, Math.Min(Chunk, scores.Length - first)));
        });
        foreach (var term in search.Sparse)
        {
            scores[term.Ordinal] += term.Addend;
        }

        return scores;
    }
}
