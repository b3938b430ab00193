using System.CommandLine;
using System.Diagnostics;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots;

namespace Bench;

/// <summary>
/// What each rule of a placement costs: the list with the rule and the search without rules, which is Recommend, for
/// the same user, one directly after the other. Needs a snapshot with the text tags category and brand, as
/// `bench snapshot` writes it.
/// </summary>
internal static class PlacementsBench
{
    private const int Passes = 5;
    private static readonly DateTimeOffset Now = new(2025, 7, 1, 0, 0, 0, TimeSpan.Zero);

    public static Command Create()
    {
        var snapshot = new Option<FileInfo>("--snapshot") { Description = "The file", Required = true };
        var top = new Option<int>("--top") { Description = "Places", DefaultValueFactory = _ => 10 };
        var queries = new Option<int>("--queries") { Description = "Users that ask", DefaultValueFactory = _ => 2_000 };
        var only = new Option<string>("--only")
        {
            Description = "Only rules whose name holds this text, for a profiler",
            DefaultValueFactory = _ => "",
        };
        var command = new Command("placements", "Time placements with rules beside Recommend")
        {
            snapshot, top, queries, only,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(snapshot).FullName,
            parsed.GetValue(top),
            parsed.GetValue(queries),
            parsed.GetRequiredValue(only)));
        return command;
    }

    private static void Run(string path, int top, int queries, string only)
    {
        using var snapshot = Snapshot.OpenVerified(path);
        using var model = new ScoringModel(snapshot);
        queries = Math.Min(queries, model.Snapshot.UserIds.Count);
        Console.WriteLine($"{model.Products.Rows} products, {queries} users, {Passes} passes, top {top}; microseconds");
        var (query, answer) = (new PlacementQuery { Now = Now }, new PlacementAnswer());
        var all = Rules(model.Snapshot, top).Select(one => (one.Name, Slot: Placement(top, one.Rules))).ToArray();
        foreach (var (name, slot) in all.Where(one => one.Name.Contains(only, StringComparison.Ordinal)))
        {
            query.Definition = slot;
            Pairs(name, model, top, queries, 1, user =>
            {
                query.UserId = user;
                PlacementRecommender.Recommend(model, query, answer);
            });
        }

        const string Page = "page of pin, cap, diversity";
        if (!Page.Contains(only, StringComparison.Ordinal))
        {
            return;
        }

        // A page is compared with as many searches.
        var page = new PlacementPage();
        PlacementDefinition[] slots = [all[1].Slot, all[4].Slot, all[6].Slot];
        Pairs(Page, model, top, queries, slots.Length, user =>
        {
            query.UserId = user;
            page.Begin(model, slots);
            foreach (var slot in slots)
            {
                query.Definition = slot;
                PlacementRecommender.Recommend(model, query, answer, page);
            }
        });
    }

    private static PlacementDefinition Placement(int top, params PlacementRule[] rules) =>
        new("bench") { TopK = top, Rules = rules };

    private static IEnumerable<(string Name, PlacementRule[] Rules)> Rules(Snapshot snapshot, int top)
    {
        PlacementRule pin = new()
        {
            Kind = PlacementRuleKind.Pin,
            ProductId = snapshot.ProductIds.Get(snapshot.ProductIds.Count / 2),
            Place = 2,
        };
        PlacementRule boost = new() { Kind = PlacementRuleKind.Boost, Rule = "category = 'C0007'", Amount = 0.2f };
        PlacementRule bury = new() { Kind = PlacementRuleKind.Boost, Rule = "category = 'C0009'", Amount = -0.2f };
        PlacementRule cap = new() { Kind = PlacementRuleKind.Cap, Tag = "category", Count = 2 };
        PlacementRule least = new()
        {
            Kind = PlacementRuleKind.Minimum,
            Rule = "category in ('C0001', 'C0002', 'C0003')",
            Count = Math.Max(1, top / 4),
        };
        PlacementRule diversity = new() { Kind = PlacementRuleKind.Diversity, Amount = 0.2f };
        yield return ("no rules", []);
        yield return ("pin", [pin]);
        yield return ("boost", [boost]);
        yield return ("boost and bury", [boost, bury]);
        yield return ("cap", [cap]);
        yield return ("at least m", [least]);
        yield return ("diversity", [diversity]);
        yield return ("all of them", [pin, boost, bury, cap, least, diversity]);
    }

    // The ruled list and the search alone in turns, each first in half of the pairs: what runs second finds the rows of
    // the user in the cache.
    private static void Pairs(
        string name, ScoringModel model, int top, int queries, int searches, Action<string> ruled)
    {
        var (times, others, ratios) = (
            new Latencies(queries * Passes), new Latencies(queries * Passes), new List<double>(Passes));
        var (query, answer) = (new RecommendQuery { TopK = top }, new RecommendAnswer());
        var users = model.Snapshot.UserIds;
        string[] asked =
        [
            .. Enumerable.Range(0, queries).Select(i => users.Get((int)((long)i * users.Count / queries))),
        ];
        var allocated = 0L;
        for (var pass = -1; pass < Passes; pass++)
        {
            var (mine, their) = (new Latencies(queries), new Latencies(queries));
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < queries; i++)
            {
                var ruledFirst = ((i + pass) & 1) == 0;
                var began = Stopwatch.GetTimestamp();
                One(ruledFirst, asked[i]);
                var between = Stopwatch.GetTimestamp();
                One(!ruledFirst, asked[i]);
                var (first, second) = (between - began, Stopwatch.GetTimestamp() - between);
                if (pass >= 0)
                {
                    var (own, other) = ruledFirst ? (first, second) : (second, first);
                    times.Add(own);
                    mine.Add(own);
                    others.Add(other);
                    their.Add(other);
                }
            }

            if (pass >= 0)
            {
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                ratios.Add(mine.Percentile(0.5) / their.Percentile(0.5));
            }
        }

        ratios.Sort();
        Console.WriteLine(
            $"{name}: p50 {times.Percentile(0.5):0.0}, p99 {times.Percentile(0.99):0.0}; "
            + $"Recommend p50 {others.Percentile(0.5):0.0}, p99 {others.Percentile(0.99):0.0}; "
            + $"ratio of p50 {ratios[Passes / 2]:0.00} ({ratios[0]:0.00} .. {ratios[^1]:0.00}), "
            + $"{allocated} bytes allocated");

        void One(bool isRuled, string user)
        {
            if (isRuled)
            {
                ruled(user);
                return;
            }

            query.UserId = user;
            for (var n = 0; n < searches; n++)
            {
                Recommender.Recommend(model, query, answer);
            }
        }
    }
}
