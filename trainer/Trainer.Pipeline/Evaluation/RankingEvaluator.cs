using Engine.Scoring.Queries;
using Engine.Snapshots.Manifest;
using Trainer.Evaluation.Metrics;

namespace Trainer.Pipeline.Evaluation;

/// <summary>Measures lists: at three lengths, repeat, new and tail apart, by activity, with intervals; and how they spread.</summary>
public static class RankingEvaluator
{
    /// <summary>The lengths of lists.</summary>
    public static readonly int[] Lengths = [10, 20, 50];

    /// <summary>Rows of all models.</summary>
    public static (RankingRow[] Rows, CoverageRow[] Coverage) Judge(IEnumerable<RankedModel> models, Segments segments)
    {
        var rows = new List<RankingRow>();
        var coverage = new List<CoverageRow>();
        foreach (var model in models)
        {
            var all = model.Rank(PurchasedPolicy.Include);
            var repeat = model.Rank(PurchasedPolicy.Only);
            var fresh = model.Rank(PurchasedPolicy.Exclude);
            var tail = model.RankTail();
            foreach (var k in Lengths)
            {
                rows.Add(Row(model.Name, "all", k, ListMetrics.Of(all, segments.All, k)));
                rows.Add(Row(model.Name, "repeat", k, ListMetrics.Of(repeat, segments.Repeat, k)));
                rows.Add(Row(model.Name, "new", k, ListMetrics.Of(fresh, segments.New, k)));
                rows.Add(Row(model.Name, "tail", k, ListMetrics.Of(tail, segments.Tail, k)));
                coverage.Add(Spread(model.Name, all, segments.All.ColumnCount, k));
            }

            for (var tenth = 0; tenth < segments.Activity.Length; tenth++)
            {
                var part = Part(all, segments.Activity[tenth]);
                rows.Add(Row(model.Name, $"activity_{tenth + 1}", 10, ListMetrics.Of(part, segments.All, 10)));
            }
        }

        return ([.. rows], [.. coverage]);
    }

    private static RankingRow Row(string model, string segment, int k, ListMetrics[] users) => new(
        model,
        segment,
        k,
        users.Length,
        Mean(users, user => user.Recall),
        Mean(users, user => user.Precision),
        Mean(users, user => user.Ndcg),
        Mean(users, user => user.Map),
        Mean(users, user => user.Hit),
        Bootstrap.Interval([.. users.Select(user => user.Recall)]),
        Bootstrap.Interval([.. users.Select(user => user.Ndcg)]));

    private static double Mean(ListMetrics[] users, Func<ListMetrics, double> value) => users.Length == 0 ? 0 : users.Average(value);

    private static Ranking Part(Ranking ranking, int[] users)
    {
        var places = users.Select(user => Array.BinarySearch(ranking.Users, user)).ToArray();
        return ranking with { Users = users, Items = [.. places.SelectMany(n => ranking.List(n).ToArray())] };
    }

    private static CoverageRow Spread(string model, Ranking ranking, int products, int k)
    {
        var places = new long[products];
        for (var n = 0; n < ranking.Users.Length; n++)
        {
            foreach (var item in ranking.List(n)[..k])
            {
                if (item >= 0)
                {
                    places[item]++;
                }
            }
        }

        Array.Sort(places);
        double total = places.Sum();
        var gini = places.Select((count, i) => ((2.0 * (i + 1)) - products - 1) * count).Sum() / Math.Max(1, products * total);
        return new CoverageRow(model, k, (double)places.Count(count => count > 0) / products, gini);
    }
}
