using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Metrics;

/// <summary>
/// Quality of ranked lists against held-out items, each a mean over the users who have at least one held-out item.
/// </summary>
/// <param name="Users">Users that count.</param>
/// <param name="K">Length of the lists.</param>
/// <param name="Recall">hits / |truth|, the definition of the Gowalla, Yelp2018 and Amazon-Book tables.</param>
/// <param name="RecallOfPossible">hits / min(K, |truth|), the definition of the ML-20M and MSD tables.</param>
/// <param name="Ndcg">
/// Binary gains discounted by 1 / log2(rank + 1), over the same sum for an ideal list of min(K, |truth|) hits.
/// </param>
/// <param name="HitRate">Share of users with at least one hit.</param>
public sealed record RankingMetrics(
    int Users, int K, double Recall, double RecallOfPossible, double Ndcg, double HitRate)
{
    /// <summary>Compares the first <paramref name="k"/> places of a ranking with the truth.</summary>
    /// <param name="ranking">Lists of at least k places.</param>
    /// <param name="truth">Users by items.</param>
    /// <param name="k">Places that count.</param>
    public static RankingMetrics Compute(Ranking ranking, InteractionMatrix truth, int k)
    {
        double recall = 0, possible = 0, ndcg = 0;
        int users = 0, hitUsers = 0;
        for (var n = 0; n < ranking.Users.Length; n++)
        {
            var wanted = truth.RowColumns(ranking.Users[n]);
            if (wanted.IsEmpty)
            {
                continue;
            }

            users++;
            var (hits, gain) = Hits(ranking.List(n)[..k], wanted);
            recall += (double)hits / wanted.Length;
            possible += (double)hits / Math.Min(k, wanted.Length);
            ndcg += gain / IdealGain(Math.Min(k, wanted.Length));
            hitUsers += hits > 0 ? 1 : 0;
        }

        var divisor = Math.Max(1, users);
        return new RankingMetrics(
            users, k, recall / divisor, possible / divisor, ndcg / divisor, (double)hitUsers / divisor);
    }

    /// <summary>nDCG@K of one list of at most K (score, item) pairs; <paramref name="wanted"/> ascends and is not empty.</summary>
    public static double NdcgOf(ReadOnlySpan<(float Score, int Item)> list, ReadOnlySpan<int> wanted, int k)
    {
        double gain = 0;
        for (var place = 0; place < list.Length; place++)
        {
            gain += wanted.BinarySearch(list[place].Item) >= 0 ? 1 / Math.Log2(place + 2) : 0;
        }

        return gain / IdealGain(Math.Min(k, wanted.Length));
    }

    /// <summary>nDCG of one list against the wanted items (ascending, at least one).</summary>
    public static double ListNdcg(ReadOnlySpan<int> list, ReadOnlySpan<int> wanted) =>
        Hits(list, wanted).Gain / IdealGain(Math.Min(list.Length, wanted.Length));

    private static (int Hits, double Gain) Hits(ReadOnlySpan<int> list, ReadOnlySpan<int> wanted)
    {
        var hits = 0;
        double gain = 0;
        for (var place = 0; place < list.Length; place++)
        {
            if (wanted.BinarySearch(list[place]) >= 0)
            {
                hits++;
                gain += 1 / Math.Log2(place + 2);
            }
        }

        return (hits, gain);
    }

    private static double IdealGain(int hits)
    {
        double gain = 0;
        for (var place = 0; place < hits; place++)
        {
            gain += 1 / Math.Log2(place + 2);
        }

        return gain;
    }
}
