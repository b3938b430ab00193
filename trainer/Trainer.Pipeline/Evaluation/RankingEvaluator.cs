using Engine.Scoring.Queries;
using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;

namespace Trainer.Pipeline.Evaluation;

/// <summary>
/// Measures lists: at three lengths, repeat, new and tail apart, by activity, with intervals; and how they spread.
/// </summary>
public static class RankingEvaluator
{
    /// <summary>The lengths of lists.</summary>
    public static readonly int[] Lengths = [10, 20, 50];

    /// <summary>Rows of all models.</summary>
    public static (RankingRow[] Rows, CoverageRow[] Coverage) Evaluate(
        IEnumerable<RankedModel> models, Segments segments, RunContext run)
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
                Add("all", k, all, segments.All);
                Add("repeat", k, repeat, segments.Repeat);
                Add("new", k, fresh, segments.New);
                Add("tail", k, tail, segments.Tail);
                coverage.Add(Spread(model.Name, all, segments.All.ColumnCount, k));
            }

            for (var tenth = 0; tenth < segments.Activity.Length; tenth++)
            {
                Add($"activity_{tenth + 1}", 10, Part(all, segments.Activity[tenth]), segments.All);
            }

            void Add(string segment, int k, Ranking lists, InteractionMatrix truth)
            {
                run.Cancel.ThrowIfCancellationRequested();
                rows.Add(Row(model.Name, segment, k, ListMetrics.Of(lists, truth, k)));
            }
        }

        return ([.. rows], [.. coverage]);
    }

    private static RankingRow Row(string model, string segment, int k, ListMetrics[] users)
    {
        var mean = ListMetrics.Mean(users);
        return new RankingRow(
            model,
            segment,
            k,
            users.Length,
            mean.RecallOfPossible,
            mean.Precision,
            mean.Ndcg,
            mean.Map,
            mean.Hit,
            Bootstrap.Interval([.. users.Select(user => user.RecallOfPossible)]),
            Bootstrap.Interval([.. users.Select(user => user.Ndcg)]));
    }

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
        var gini =
            places.Select((count, i) => ((2.0 * (i + 1)) - products - 1) * count).Sum() / Math.Max(1, products * total);
        return new CoverageRow(model, k, (double)places.Count(count => count > 0) / products, gini);
    }
}
