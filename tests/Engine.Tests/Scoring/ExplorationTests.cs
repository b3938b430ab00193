using Engine.Kernels.Arithmetic;
using Engine.Scoring.Explaining;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Scoring.Pools;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace Engine.Tests.Scoring;

/// <summary>New products in placements: off without a rule, bounded with one, and by the stated definition.</summary>
public sealed class ExplorationTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content;
    private readonly SnapshotContent _cold;
    private readonly ScoringModel _model;

    public ExplorationTests()
    {
        _content = RandomSnapshot.Content(31, products: 120);
        _cold = RandomSnapshot.Content(32, users: 0, products: 40) with { DerivesProfile = true };
        _cold = _cold with { ProductIds = [.. _cold.ProductIds.Select(id => $"N{id}")] };
        _content = _content with { Cold = SnapshotWriter.Bytes(_cold) };
        _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Without_a_rule_no_new_product_is_in_any_list()
    {
        Assert.Equal(40, _model.Snapshot.Cold!.Manifest.ProductCount);
        Assert.Equal(120, _model.Snapshot.Manifest.ProductCount);
        var rows = Ask(new PlacementDefinition("home") { TopK = 120 }).Rows;
        Assert.Equal(120, rows.Length);
        Assert.All(rows.ToArray(), row => Assert.False(row.IsCold));
    }

    [Fact]
    public void New_products_come_in_by_the_definition()
    {
        var random = new Random(5);
        var entered = 0;
        for (var trial = 0; trial < 300; trial++)
        {
            var top = random.Next(1, 12);
            var explore = new PlacementRule
            {
                Kind = PlacementRuleKind.Explore,
                Count = random.Next(1, top + 1),
                Amount = random.Next(-3, 4) * 0.7f,
            };
            var without = new PlacementDefinition("home")
            {
                TopK = top,
                Rule = random.Next(2) == 0 ? "" : "category = 'Tea'",
                ExcludedProductIds = ["NP3", "P5"],
                Rules =
                [
                    .. Some(new() { Kind = PlacementRuleKind.Pin, ProductId = "P77", Place = random.Next(1, top + 1) }),
                    .. Some(new() { Kind = PlacementRuleKind.Minimum, Rule = "price < 40", Count = 1 }),
                    .. Some(new() { Kind = PlacementRuleKind.Diversity, Amount = 0.5f }),
                    .. Some(new() { Kind = PlacementRuleKind.Cap, Tag = "category", Count = 3 }),
                    .. Some(new() { Kind = PlacementRuleKind.Boost, Rule = "price >= 40", Amount = 0.8f }),
                ],
            };
            var user = _content.UserIds[random.Next(_content.UserIds.Count)];
            var answer = Ask(without with { Rules = [.. without.Rules, explore] }, user);
            var expected = Explore(Ask(without, user), without, explore, user);
            Assert.Equal(expected, answer.Rows.ToArray().Select(row => (Id(row), row.AdjustedScore)));
            var cold = answer.Rows.ToArray().Count(row => row.IsCold);
            Assert.Equal(cold, answer.Effects[^1].Added);
            AssertEffects(answer, without, Ask(without with { Rules = [] }, user));
            entered += cold;
        }

        Assert.InRange(entered, 100, 2_000);

        PlacementRule[] Some(PlacementRule rule) => random.Next(2) == 0 ? [] : [rule];
    }

    [Fact]
    public void Explanations_of_new_products_add_up_with_the_addend_as_a_boost()
    {
        var answer = Ask(Exploring(most: 5, addend: 30));
        Assert.Equal(5, answer.Rows.ToArray().Count(row => row.IsCold));
        for (var i = 0; i < answer.Rows.Length; i++)
        {
            var terms = answer.Explanations.Terms(i).ToArray();
            Assert.Equal(answer.Rows[i].AdjustedScore, answer.Explanations.Score(i));
            Assert.InRange(
                terms.Sum(term => (double)term.Value) - answer.Rows[i].AdjustedScore,
                -answer.Explanations.Bound(i),
                answer.Explanations.Bound(i));
            Assert.Equal(
                answer.Rows[i].IsCold, terms.Contains(new ScoreTerm(TermKind.Boost, null, 30, Rule: 0)));
        }
    }

    [Fact]
    public void A_page_shows_no_new_product_twice_and_none_that_is_blocked_or_on_it()
    {
        var (page, answer, shown) = (new PlacementPage(), new PlacementAnswer(), new List<string>());
        page.Begin(_model);
        var query = new PlacementQuery
        {
            UserId = _content.UserIds[1],
            Now = Now,
            Definition = Exploring(most: 10, addend: 30),
            PageProductIds = { "NP1" },
        };
        query.Filter.Blocked = _model.Resolve(PoolDefinition.OfIds(["NP2", "P1"]));
        for (var slot = 0; slot < 4; slot++)
        {
            PlacementRecommender.Recommend(_model, query, answer, page);
            shown.AddRange(answer.Rows.ToArray().Where(row => row.IsCold).Select(Id));
        }

        Assert.Equal(38, shown.Count);
        Assert.Equal(38, shown.Distinct().Count());
        Assert.DoesNotContain("NP1", shown);
        Assert.DoesNotContain("NP2", shown);
    }

    [Fact]
    public void New_products_on_the_page_or_excluded_are_unknown_only_without_a_rule()
    {
        var query = new PlacementQuery
        {
            UserId = _content.UserIds[1],
            Now = Now,
            Definition = Exploring(most: 10, addend: 30) with { ExcludedProductIds = ["NP2", "gone"] },
            PageProductIds = { "NP1", "away" },
        };
        Assert.Equal(["gone", "away"], Unknown());
        query.Definition = query.Definition with { Rules = [] };
        Assert.Equal(["NP2", "gone", "NP1", "away"], Unknown());

        string[] Unknown()
        {
            var answer = new PlacementAnswer();
            PlacementRecommender.Recommend(_model, query, answer);
            return [.. answer.Competition.Skipped.Kept.Select(skipped => skipped.Id)];
        }
    }

    [Fact]
    public void Nobody_who_is_unknown_gets_new_products_and_nothing_is_allocated()
    {
        var query = new PlacementQuery { Now = Now, Definition = Exploring(most: 5, addend: 30) };
        var answer = new PlacementAnswer();
        PlacementRecommender.Recommend(_model, query, answer);
        Assert.Equal((10, false), (answer.Rows.Length, answer.Rows.ToArray().Any(row => row.IsCold)));
        query.UserId = _content.UserIds[1];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                PlacementRecommender.Recommend(_model, query, answer);
            }
        }));
        Assert.Equal(5, answer.Rows.ToArray().Count(row => row.IsCold));
    }

    [Fact]
    public void Damaged_new_products_are_refused_and_other_factors_too()
    {
        var other = RandomSnapshot.Content(33, users: 0, products: 9, factors: 5) with { DerivesProfile = true };
        var error = Assert.Throws<SnapshotFormatException>(
            () => RandomSnapshot.Open(_content with { Cold = SnapshotWriter.Bytes(other) }, _folder));
        Assert.Contains("new products: found other products", error.Message, StringComparison.Ordinal);
        var bytes = SnapshotWriter.Bytes(_cold);
        bytes[^100] ^= 1;
        error = Assert.Throws<SnapshotFormatException>(
            () => RandomSnapshot.Open(_content with { Cold = bytes }, _folder));
        Assert.Contains("section ColdProducts", error.Message, StringComparison.Ordinal);
    }

    // By the words of the contract, on the list that is shown.
    private void AssertEffects(PlacementAnswer answer, PlacementDefinition definition, PlacementAnswer unruled)
    {
        var before = unruled.Rows.ToArray().Select(Id).ToList();
        var (rows, ids) = (answer.Rows.ToArray(), answer.Rows.ToArray().Select(Id).ToList());
        for (var i = 0; i < definition.Rules.Count; i++)
        {
            var rule = definition.Rules[i];
            if (rule.Kind is PlacementRuleKind.Cap)
            {
                continue;
            }

            var concerned = rows.Select((row, place) => (Row: row, Place: place)).Where(one => !one.Row.IsCold
                && rule.Kind switch
                {
                    PlacementRuleKind.Pin => one.Row.IsPinned,
                    PlacementRuleKind.Diversity => one.Row.Diversity < 0,
                    _ => Holds(rule, one.Row.Product.Value),
                }).Select(one => (Before: before.IndexOf(ids[one.Place]), one.Place)).ToList();
            Assert.Equal(concerned.Count(one => one.Before < 0), answer.Effects[i].Added);
            Assert.Equal(concerned.Count(one => one.Before >= 0 && one.Before != one.Place), answer.Effects[i].Moved);
            if (rule.Rule.Length > 0)
            {
                Assert.Equal(
                    unruled.Rows.ToArray().Count(row => Holds(rule, row.Product.Value) && !ids.Contains(Id(row))),
                    answer.Effects[i].Removed);
                Assert.Equal(
                    Enumerable.Range(0, 120).Count(product => Holds(rule, product)
                        && (definition.Rule.Length == 0 || Category(_content, product) == "Tea")),
                    answer.Effects[i].Held);
            }
        }
    }

    private bool Holds(PlacementRule rule, int product) =>
        rule.Kind == PlacementRuleKind.Minimum ? Price(_content, product) < 40
            : rule.Kind == PlacementRuleKind.Boost && Price(_content, product) >= 40;

    private static PlacementDefinition Exploring(int most, float addend) => new("home")
    {
        TopK = 10,
        Rules = [new() { Kind = PlacementRuleKind.Explore, Count = most, Amount = addend }],
    };

    private PlacementAnswer Ask(PlacementDefinition definition, string? user = null)
    {
        var answer = new PlacementAnswer();
        PlacementRecommender.Recommend(
            _model,
            new PlacementQuery
            {
                Definition = definition,
                UserId = user ?? _content.UserIds[0],
                Now = Now,
                Explain = true,
            },
            answer);
        return answer;
    }

    private string Id(PlacementRow row) => (row.IsCold ? _cold : _content).ProductIds[row.Product.Value];

    // By the words of the contract, on the finished list.
    private List<(string Id, float Adjusted)> Explore(
        PlacementAnswer list, PlacementDefinition definition, PlacementRule explore, string user)
    {
        var rows = list.Rows.ToArray().Select(row => (
            Id: Id(row),
            Adjusted: row.AdjustedScore,
            row.IsPinned,
            IsHeld: row.IsPinned || definition.Rules.Any(rule => rule.Kind == PlacementRuleKind.Minimum
                && Price(_content, row.Product.Value) < 40))).ToList();
        var vector = _content.UserFactors.Row(_content.UserIds.ToList().IndexOf(user)).ToArray();
        var best = Enumerable.Range(0, 40)
            .Where(product => _cold.ProductIds[product] != "NP3")
            .Where(product => definition.Rule.Length == 0 || Category(_cold, product) == "Tea")
            .Select(product => (Product: product, Score: Score(vector, product)))
            .OrderByDescending(one => one.Score).ThenBy(one => one.Product)
            .Take(explore.Count);
        foreach (var (product, score) in best)
        {
            var adjusted = score + explore.Amount;
            if (rows.Count == definition.TopK)
            {
                var leaving = rows.FindLastIndex(row => !row.IsHeld);
                if (leaving < 0 || adjusted <= rows[leaving].Adjusted)
                {
                    break;
                }

                rows[leaving] = rows[leaving] with { Id = "" };
            }

            // The rows without a pin, in their order, with the new one among them; pins stay where they are.
            var free = rows.Where(row => !row.IsPinned && row.Id.Length > 0).ToList();
            var at = free.FindIndex(row => row.Adjusted < adjusted);
            free.Insert(at < 0 ? free.Count : at, (_cold.ProductIds[product], adjusted, false, true));
            var next = 0;
            rows = [.. rows.Select(row => row.IsPinned ? row : free[next++]), .. free.Skip(next)];
        }

        return [.. rows.Select(row => (row.Id, row.Adjusted))];
    }

    private float Score(float[] vector, int product)
    {
        Span<float> user = stackalloc float[FactorRows.StrideOf(vector.Length)];
        Span<float> row = stackalloc float[user.Length];
        user.Clear();
        row.Clear();
        vector.CopyTo(user);
        _cold.ProductFactors.Row(product).CopyTo(row);
        return DotProduct.Score(user, row);
    }

    private static double Price(SnapshotContent content, int product) => content.Tags[2].Numbers![product];

    private static string? Category(SnapshotContent content, int product) =>
        content.Tags[0].Codes![product] is >= 0 and var code ? content.Tags[0].Words![code] : null;
}
