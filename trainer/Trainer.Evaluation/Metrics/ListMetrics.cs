using Trainer.Models.Matrices;

namespace Trainer.Evaluation.Metrics;

/// <summary>One user's metrics of the first K places of a list, or their means over users.</summary>
/// <param name="Recall">hits / |truth|: the definition of the Gowalla, Yelp2018 and Amazon-Book tables.</param>
/// <param name="RecallOfPossible">
/// hits / min(K, |truth|): the definition of the ML-20M and MSD tables, and of the training report.
/// </param>
/// <param name="Precision">hits / K.</param>
/// <param name="Ndcg">Binary gains over log2(rank + 1), the ideal list truncated the same way.</param>
/// <param name="Map">Sum over hits of the precision at their rank, over min(K, |truth|).</param>
/// <param name="Hit">1 with at least one hit, else 0.</param>
public readonly record struct ListMetrics(
    double Recall, double RecallOfPossible, double Precision, double Ndcg, double Map, double Hit)
{
    /// <summary>Measures a list; <paramref name="wanted"/> ascends and is not empty.</summary>
    public static ListMetrics Of(ReadOnlySpan<int> list, ReadOnlySpan<int> wanted, int k)
    {
        double gain = 0, map = 0, ideal = 0;
        var hits = 0;
        var possible = Math.Min(k, wanted.Length);
        for (var place = 0; place < k; place++)
        {
            var discount = 1 / Math.Log2(place + 2);
            ideal += place < possible ? discount : 0;
            if (place < list.Length && wanted.BinarySearch(list[place]) >= 0)
            {
                hits++;
                gain += discount;
                map += (double)hits / (place + 1);
            }
        }

        return new ListMetrics(
            (double)hits / wanted.Length,
            (double)hits / possible,
            (double)hits / k,
            gain / ideal,
            map / possible,
            hits > 0 ? 1 : 0);
    }

    /// <summary>The means over users; 0 without users.</summary>
    public static ListMetrics Mean(IReadOnlyCollection<ListMetrics> users) => new(
        Mean(users, user => user.Recall),
        Mean(users, user => user.RecallOfPossible),
        Mean(users, user => user.Precision),
        Mean(users, user => user.Ndcg),
        Mean(users, user => user.Map),
        Mean(users, user => user.Hit));

    /// <summary>Every ranked user's metrics; users with nothing to find are left out.</summary>
    public static ListMetrics[] Of(Ranking ranking, InteractionMatrix truth, int k) =>
    [
        .. from n in Enumerable.Range(0, ranking.Users.Length)
           where truth.RowLength(ranking.Users[n]) > 0
           select Of(ranking.List(n)[..k], truth.RowColumns(ranking.Users[n]), k),
    ];

    private static double Mean(IReadOnlyCollection<ListMetrics> users, Func<ListMetrics, double> value) =>
        users.Count == 0 ? 0 : users.Average(value);
}
