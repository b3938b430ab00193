using CsCheck;
using Engine.Scoring.Explaining;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Scoring;

public class PlacementTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_list_is_the_one_that_the_definition_gives() =>
        CheckMany(Gen.Int[1, 150], 60, (random, products) => (Random(random, products), random.NextDouble()));

    /// <summary>The largest class says where the others are cut, and rules ask for what lies below.</summary>
    [Fact]
    public void A_list_that_goes_below_where_its_classes_were_cut_is_the_one_that_the_definition_gives() =>
        CheckMany(Gen.Int[200, 400], 30, (random, products) => (Deep(random, products), 0.1 * random.NextDouble()));

    [Fact]
    public void Without_rules_a_placement_is_Recommend()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(7, products: 300);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var plain = new RecommendAnswer();
        Recommender.Recommend(model, new RecommendQuery { UserId = content.UserIds[3], TopK = 12 }, plain);
        var answer = Ask(model, new PlacementDefinition("home") { TopK = 12 }, content.UserIds[3]);
        Assert.Equal(
            plain.Products.ToArray().Select(one => (one.Product, one.Score)),
            answer.Rows.ToArray().Select(row => (row.Product, row.AdjustedScore)));
        Assert.Equal(Enumerable.Range(1, 12), answer.Rows.ToArray().Select(row => row.UnruledRank));
    }

    [Fact]
    public void Each_rule_says_what_it_added_moved_and_removed()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(11, products: 80);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var all = Ask(model, new PlacementDefinition("all") { TopK = 80 }, content.UserIds[0]).Rows.ToArray();
        var (second, third, last) = (Id(all[1]), Id(all[2]), Id(all[79]));
        var definition = new PlacementDefinition("home")
        {
            TopK = 4,
            Rules =
            [
                new() { Kind = PlacementRuleKind.Pin, ProductId = last, Place = 2 },
                new() { Kind = PlacementRuleKind.Boost, Rule = $"product_id = '{second}'", Amount = -500 },
                new() { Kind = PlacementRuleKind.Boost, Rule = $"product_id = '{third}'", Amount = 500 },
                new() { Kind = PlacementRuleKind.Pin, ProductId = "no such product", Place = 1 },
                new() { Kind = PlacementRuleKind.Cap, Tag = "category", Count = 1, To = Now },
            ],
        };
        var answer = Ask(model, definition, content.UserIds[0]);
        Assert.Equal([third, last, Id(all[0]), Id(all[3])], answer.Rows.ToArray().Select(Id));
        Assert.Equal([3, 0, 1, 4], answer.Rows.ToArray().Select(row => row.UnruledRank));
        Assert.Equal(
            [
                new PlacementEffect(true, 1, 0, 0, 0),
                new PlacementEffect(true, 0, 0, 1, 0) { Held = 1 },
                new PlacementEffect(true, 0, 1, 0, 0) { Held = 1 },
                new PlacementEffect(true, 0, 0, 0, 1),
                default,
            ],
            answer.Effects.ToArray());

        string Id(PlacementRow row) => content.ProductIds[row.Product.Value];
    }

    [Fact]
    public void Explanations_add_up_to_the_adjusted_score()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(5, products: 200);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var definition = new PlacementDefinition("home")
        {
            TopK = 20,
            Rules =
            [
                new() { Kind = PlacementRuleKind.Boost, Rule = "category = 'Tea'", Amount = 1.3f },
                new() { Kind = PlacementRuleKind.Boost, Rule = "price < 60", Amount = -0.7f },
                new() { Kind = PlacementRuleKind.Diversity, Amount = 2 },
            ],
        };
        foreach (var user in (string[])[content.UserIds[1], ""])
        {
            var answer = Ask(model, definition, user);
            Assert.Equal(20, answer.Explanations.Count);
            var kinds = new HashSet<TermKind>();
            for (var i = 0; i < 20; i++)
            {
                var sum = 0.0;
                foreach (var term in answer.Explanations.Terms(i))
                {
                    sum += term.Value;
                    kinds.Add(term.Kind);
                }

                Assert.Equal(answer.Rows[i].AdjustedScore, answer.Explanations.Score(i));
                Assert.InRange(sum - answer.Rows[i].AdjustedScore, -answer.Explanations.Bound(i),
                    answer.Explanations.Bound(i));
            }

            Assert.Contains(TermKind.Boost, kinds);
            Assert.Contains(TermKind.Diversity, kinds);
        }
    }

    [Fact]
    public void A_ruled_list_allocates_nothing_after_warm_up()
    {
        using var folder = new TemporaryFolder();
        var content = RandomSnapshot.Content(4, products: 500);
        using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
        var query = new PlacementQuery
        {
            UserId = content.UserIds[1],
            Now = Now,
            PageProductIds = { "P3", "P4" },
            Definition = new PlacementDefinition("home")
            {
                TopK = 20,
                Purchased = PurchasedPolicy.Exclude,
                Sources = [PlacementSource.Related, PlacementSource.User, PlacementSource.Popular],
                ExcludedProductIds = ["P9"],
                Rules =
                [
                    new() { Kind = PlacementRuleKind.Pin, ProductId = "P8", Place = 2 },
                    new() { Kind = PlacementRuleKind.Boost, Rule = "category = 'Tea'", Amount = 1 },
                    new() { Kind = PlacementRuleKind.Minimum, Rule = "price < 30", Count = 5 },
                    new() { Kind = PlacementRuleKind.Cap, Tag = "category", Count = 6 },
                    new() { Kind = PlacementRuleKind.Diversity, Amount = 1 },
                ],
            },
        };
        var (answer, page) = (new PlacementAnswer(), new PlacementPage());
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                page.Begin(model);
                PlacementRecommender.Recommend(model, query, answer, page);
            }
        }));
        Assert.Equal(20, answer.Rows.Length);
    }

    [Fact]
    public void A_rule_that_is_wrong_is_refused_by_its_field()
    {
        foreach (var (field, rule) in ((string, PlacementRule)[])
        [
            ("rules[0] is empty", new() { Kind = (PlacementRuleKind)9 }),
            ("rules[0].pin.place = 11", new() { Kind = PlacementRuleKind.Pin, ProductId = "a", Place = 11 }),
            ("rules[0].pin.product_id", new() { Kind = PlacementRuleKind.Pin, Place = 1 }),
            ("rules[0].boost.addend = NaN", new() { Kind = PlacementRuleKind.Boost, Rule = "a", Amount = float.NaN }),
            ("rules[0].cap.most = 0", new() { Kind = PlacementRuleKind.Cap, Tag = "a" }),
            ("rules[0].minimum.rule", new() { Kind = PlacementRuleKind.Minimum, Count = 1 }),
            ("rules[0].diversity.weight = -1", new() { Kind = PlacementRuleKind.Diversity, Amount = -1 }),
            ("rules[0].to", new() { Kind = PlacementRuleKind.Diversity, From = Now, To = Now }),
        ])
        {
            var refused = Assert.Throws<InputException>(() => new PlacementDefinition("x") { Rules = [rule] }.Check());
            Assert.Contains(field, refused.Message);
        }
    }

    [Theory]
    [InlineData(PlacementRuleKind.Diversity, "found rules[1].diversity = a second one, expected one")]
    [InlineData(PlacementRuleKind.Explore, "found rules[1].explore = a second one, expected one")]
    public void A_second_rule_where_one_is_expected_is_the_one_that_is_named(PlacementRuleKind kind, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => new PlacementDefinition("x")
        {
            Rules = [.. Enumerable.Repeat(new PlacementRule { Kind = kind, Count = 1 }, 2)],
        }.Check()).Message);

    private static PlacementAnswer Ask(ScoringModel model, PlacementDefinition definition, string user)
    {
        var answer = new PlacementAnswer();
        PlacementRecommender.Recommend(
            model, new PlacementQuery { Definition = definition, UserId = user, Now = Now, Explain = true }, answer);
        return answer;
    }

    private static void CheckMany(
        Gen<int> sizes, int times, Func<Random, int, (PlacementDefinition Definition, double Excluded)> make) =>
        Gen.Select(Gen.Int[0, 1 << 20], sizes, Gen.OneOf(Gen.Const(0f), Gen.Const(0.3f), Gen.Const(1f)))
            .Sample(
                (seed, products, scale) =>
                {
                    using var folder = new TemporaryFolder();
                    var content = RandomSnapshot.Content(seed, 5, products, factors: 6, scale, similar: 6);
                    using var model = new ScoringModel(RandomSnapshot.Open(content, folder));
                    var answer = new PlacementAnswer();
                    for (var trial = 0; trial < 12; trial++)
                    {
                        var random = new Random(seed + trial);
                        var (definition, excluded) = make(random, products);
                        Check(content, model, random, definition, excluded, answer);
                    }
                },
                iter: times);

    private static void Check(
        SnapshotContent content,
        ScoringModel model,
        Random random,
        PlacementDefinition definition,
        double share,
        PlacementAnswer answer)
    {
        var products = content.ProductIds.Count;
        var user = random.Next(3) > 0 ? random.Next(5) : -1;
        var query = new PlacementQuery
        {
            Definition = definition,
            UserId = user >= 0 ? content.UserIds[user] : "",
            Now = Now,
        };
        var page = Some(random, products, 0.03);
        query.PageProductIds.AddRange(page.Select(p => $"P{p}"));
        var excluded = Some(random, products, share);
        query.ExcludedProductIds.AddRange(excluded.Select(p => $"P{p}"));
        PlacementRecommender.Recommend(model, query, answer);

        var purchased = user >= 0 ? PlainModel.Purchased(content, user) : [];
        var competing = Enumerable.Range(0, products)
            .Where(p => definition.Rule.Length == 0 || PlainPlacement.Held(definition.Rule).Contains(p))
            .Except(excluded)
            .Except(page)
            .Where(p => definition.Purchased == PurchasedPolicy.Include
                || purchased.Contains(p) == (definition.Purchased == PurchasedPolicy.Only))
            .ToHashSet();
        var active = definition.Rules
            .Select((rule, i) => rule.To <= Now || rule.From > Now ? 0 : 1ul << i)
            .Aggregate(0ul, (all, one) => all | one);
        var sources = Sources(content, definition, user, page);
        var expected = new PlainPlacement(content, definition, active).Solve(competing, sources);
        Assert.Equal(
            expected,
            answer.Rows.ToArray().Select(row => (row.Product.Value, row.Source, row.AdjustedScore)));
        Assert.Equal(competing.Count, answer.Competition.EligibleCount);
        var unruled = sources
            .SelectMany(source => source.Scores
                .Where(one => competing.Contains(one.Key))
                .OrderByDescending(one => one.Value)
                .ThenBy(one => one.Key)
                .Select(one => one.Key))
            .Distinct()
            .Take(definition.TopK)
            .ToList();
        Assert.Equal(
            expected.Select(row => unruled.IndexOf(row.Product) + 1),
            answer.Rows.ToArray().Select(row => row.UnruledRank));
    }

    private static List<(PlacementSource Source, Dictionary<int, float> Scores)> Sources(
        SnapshotContent content, PlacementDefinition definition, int user, IReadOnlyList<int> page)
    {
        var sources = new List<(PlacementSource, Dictionary<int, float>)>();
        foreach (var source in definition.Sources)
        {
            var scores = new Dictionary<int, float>();
            for (var p = 0; p < content.ProductIds.Count && source != PlacementSource.Related; p++)
            {
                scores[p] = source == PlacementSource.User && user >= 0
                    ? PlainModel.Score(content, user, p)
                    : MathF.Log(1f + content.ProductBuyers[p]);
            }

            foreach (var shown in source == PlacementSource.Related ? page : [])
            {
                for (var at = content.Related.Offsets[shown]; at < content.Related.Offsets[shown + 1]; at++)
                {
                    var other = content.Related.Products[at];
                    if (content.Related.Supports[at] >= 3 && content.Related.Strengths[at] > 0)
                    {
                        var score = MathF.Log(content.Related.Strengths[at]);
                        scores[other] = Math.Max(score, scores.GetValueOrDefault(other, float.NegativeInfinity));
                    }
                }
            }

            if (source == PlacementSource.Related)
            {
                sources.Add((source, scores));
            }
            else if (source == PlacementSource.Popular || (source == PlacementSource.User && user >= 0))
            {
                sources.Add((source, scores));
                break;
            }
        }

        return sources;
    }

    /// <summary>Any rules.</summary>
    internal static PlacementDefinition Random(Random random, int products)
    {
        PlacementSource[] chain = [PlacementSource.Related, PlacementSource.User, PlacementSource.Popular];
        random.Shuffle(chain);
        var top = random.Next(1, 25);
        return new PlacementDefinition("any")
        {
            TopK = top,
            Rule = random.Next(2) > 0 ? Rule() : "",
            Purchased = (PurchasedPolicy)random.Next(3),
            Sources = chain[..random.Next(1, 4)],
            Rules =
            [
                .. Enumerable.Range(0, random.Next(9)).Select(_ => Of((PlacementRuleKind)random.Next(4))),
                .. random.Next(2) > 0 ? [Of(PlacementRuleKind.Diversity)] : Array.Empty<PlacementRule>(),
            ],
        };

        PlacementRule Of(PlacementRuleKind kind) => new()
        {
            Kind = kind,
            Rule = Rule(),
            ProductId = $"P{random.Next(products + 1)}",
            Place = random.Next(1, top + 1),
            Tag = random.Next(4) > 0 ? "category" : "sizes",
            Count = random.Next(1, Math.Min(top, 6) + 1),
            Amount = kind == PlacementRuleKind.Diversity ? random.Next(6) : random.Next(-8, 9) * 0.37f,
            From = random.Next(8) == 0 ? Now.AddDays(random.Next(-1, 2)) : null,
            To = random.Next(8) == 0 ? Now.AddDays(random.Next(2, 4)) : null,
        };

        string Rule() => "product_id in (" + string.Join(
            ", ", Some(random, products, random.NextDouble()).Append(0).Distinct().Select(p => $"'P{p}'")) + ")";
    }

    /// <summary>One or two boosts of few products beside rules that pass over most of the others.</summary>
    internal static PlacementDefinition Deep(Random random, int products)
    {
        return new PlacementDefinition("deep")
        {
            TopK = random.Next(2, 9),
            Sources = [PlacementSource.User],
            Rules =
            [
                .. Enumerable.Range(0, random.Next(1, 3)).Select(_ => new PlacementRule
                {
                    Kind = PlacementRuleKind.Boost,
                    Rule = Few(),
                    Amount = random.Next(-8, 9) * 0.2f,
                }),
                new() { Kind = PlacementRuleKind.Cap, Tag = "category", Count = random.Next(1, 3) },
                .. random.Next(2) > 0
                    ? [new() { Kind = PlacementRuleKind.Diversity, Amount = random.Next(1, 20) }]
                    : Array.Empty<PlacementRule>(),
                .. random.Next(3) == 0
                    ? [new() { Kind = PlacementRuleKind.Minimum, Rule = Few(), Count = random.Next(1, 3) }]
                    : Array.Empty<PlacementRule>(),
            ],
        };

        string Few() =>
            $"product_id in ({string.Join(", ", Some(random, products, 0.1).Append(0).Select(p => $"'P{p}'"))})";
    }

    private static List<int> Some(Random random, int products, double share) =>
        [.. Enumerable.Range(0, products).Where(_ => random.NextDouble() < share)];
}
