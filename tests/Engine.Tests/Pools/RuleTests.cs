using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Tests.Shared;

namespace Engine.Tests.Pools;

/// <summary>Rules against plain predicates, and what their errors say.</summary>
public sealed class RuleTests : IDisposable
{
    private static readonly DateOnly Epoch = new(1970, 1, 1);
    private readonly TemporaryFolder _folder = new();
    private readonly ScoringModel _model;

    public RuleTests() =>
        _model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 5, products: 130), _folder));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("category = 'Tea'")]
    [InlineData("not category = 'Tea'")]
    [InlineData("Category in ('Tea', 'Water') and price < 50")]
    [InlineData("category = 'Tea' or category = 'Coffee' and price >= 20")]
    [InlineData("(category = 'Tea' or category = 'Coffee') and price >= 20")]
    [InlineData("category is empty or price is empty")]
    [InlineData("price between 5 and 20 except category contains 'e' except launched < '1970-01-20'")]
    [InlineData("launched >= last_day - 18800 days")]
    [InlineData("sizes contains all ('L', 'M') and not product_id in ('P1', 'P2')")]
    public void A_rule_holds_what_the_plain_predicate_holds(string rule)
    {
        var pool = _model.Resolve(PoolDefinition.OfRule(rule));
        var expected = Enumerable.Range(0, 130).Where(product => Plain(rule, product)).ToArray();
        Assert.Equal(expected, Held(pool));
        Assert.Equal(expected.Length, pool.Count);
        Assert.Contains(expected.Length, Enumerable.Range(1, 130));
    }

    [Theory]
    [InlineData("product_id")]
    [InlineData("product_name")]
    public void A_tag_does_not_hide_the_id_and_the_name_that_every_product_has(string name)
    {
        var content = RandomSnapshot.Content(seed: 5);
        var tags = content.Manifest.Tags.ToArray();
        tags[0] = tags[0] with { Column = name, Alias = "category" };
        using var model = new ScoringModel(RandomSnapshot.Open(
            content with { Manifest = content.Manifest with { Tags = tags } }, _folder));
        Assert.Equal(
            1,
            model.Resolve(PoolDefinition.OfRule($"{name} ends with ('P7', 'number 7 茶')")).Count);
    }

    [Fact]
    public void An_alias_goes_before_a_column_of_the_same_name()
    {
        var content = RandomSnapshot.Content(seed: 5);
        var tags = content.Manifest.Tags.ToArray();
        tags[2] = tags[2] with { Alias = "category" };
        using var model = new ScoringModel(RandomSnapshot.Open(
            content with { Manifest = content.Manifest with { Tags = tags } }, _folder));
        Assert.Equal(
            model.Resolve(PoolDefinition.OfRule("price > 3")).Count,
            model.Resolve(PoolDefinition.OfRule("category > 3")).Count);
    }

    [Fact]
    public void Every_comparison_and_its_negation_split_the_catalog()
    {
        string[] conditions =
        [
            "category = 'Tea'",
            "category in ('Tea','x')",
            "category contains 'e'",
            "category starts with ('T','W')",
            "category ends with 'e'",
            "category is empty",
            "sizes contains any ('L','XL')",
            "sizes contains all ('L','XL')",
            "sizes is empty",
            "price = (1,2,3)",
            "price < 3",
            "price <= 3",
            "price > 3",
            "price >= 3",
            "price between -1.5 and 2e1",
            "price is empty",
            "launched = 1970-01-02",
            "launched <> '1970-01-02'",
            "launched between 1970-01-02 and last_day",
            "product_name contains '茶'",
            "product_id starts with 'P1'", "\"category\" = 'Tea'",
        ];
        foreach (var condition in conditions)
        {
            var held = Held(_model.Resolve(PoolDefinition.OfRule(condition)));
            var negated = Held(_model.Resolve(PoolDefinition.OfRule($"not {condition}")));
            Assert.Equal(Enumerable.Range(0, 130), held.Concat(negated).Order());
        }
    }

    [Fact]
    public void Clauses_are_counted_alone_in_the_order_of_the_rule()
    {
        var pool = _model.Resolve(
            PoolDefinition.OfRule("category = 'Tea' and (price < 50 or not price < 90) except sizes contains any 'L'"));
        Assert.Equal(
            ["category = 'Tea'", "price < 50", "not price < 90", "sizes contains any 'L'"],
            pool.Clauses.Select(clause => clause.Text));
        Assert.Equal(
            pool.Clauses.Select(clause => Held(_model.Resolve(PoolDefinition.OfRule(clause.Text))).Length),
            pool.Clauses.Select(clause => clause.Products));
        Assert.Equal(0, pool.Count);
    }

    // What is left after a part is what the rule up to there holds; the conditions of one part have the same.
    [Theory]
    [InlineData("price < 70", " and (category = 'Tea' or price < 20)", " except product_id starts with 'P1'")]
    [InlineData("price < 20", " or price > 90", " or product_id starts with 'P1'")]
    public void Clauses_say_what_is_left_after_their_part(string first, string second, string third)
    {
        var left = _model.Resolve(PoolDefinition.OfRule(first + second + third)).Clauses
            .Select(clause => clause.Left)
            .Distinct();
        Assert.Equal(
            new[] { first, first + second, first + second + third }
                .Select(rule => _model.Resolve(PoolDefinition.OfRule(rule)).Count),
            left);
    }

    [Theory]
    [InlineData("", 0, "a tag name")]
    [InlineData("category", 8, "a comparison")]
    [InlineData("category = ", 11, "a value")]
    [InlineData("category = 'Tea", 11, "a closing '")]
    [InlineData("categry = 'Tea'", 0, "Category (text)")]
    [InlineData("category = 'Tea' and", 20, "a tag name")]
    [InlineData("category = 'Tea' price < 5", 17, "and, or, except")]
    [InlineData("(category = 'Tea'", 17, "closing parenthesis")]
    [InlineData("(price < 5 except price < 3)", 11, "outermost")]
    [InlineData("not (price < 5)", 4, "negate each condition")]
    [InlineData("price betwen 5 and 20", 6, "between")]
    [InlineData("price between 5 or 20", 16, "and, and then the upper end")]
    [InlineData("price contains '5'", 6, "tag 'price', which is a number")]
    [InlineData("price < 'cheap'", 8, "a number without quotes")]
    [InlineData("category < 'Tea'", 9, "tag 'category', which is text")]
    [InlineData("category = 5", 11, "text in 'single quotes'")]
    [InlineData("sizes = 'L'", 6, "multi-valued text")]
    [InlineData("launched > 2021-02-30", 11, "a day that exists")]
    [InlineData("launched > '2021-02-30'", 11, "a day such as")]
    [InlineData("launched > last_day - 3 weeks", 24, "days")]
    [InlineData("price = 1 & price = 2", 10, "double quotes")]
    [InlineData("price = 1.2.3", 8, "a number such as")]
    [InlineData("in = 3", 0, "double quotes")]
    public void Errors_point_at_the_place_and_say_what_was_expected(string rule, int start, string expected)
    {
        var error =
            Assert.Throws<RuleException>(() => _model.Resolve(PoolDefinition.OfRule(ResolvedPool.Parse(rule).Text)));
        Assert.Equal(start, error.Start);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains($"at character {start + 1} of the rule", error.Message, StringComparison.Ordinal);
        Assert.Contains(">>>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void At_most_200_values_but_ids_as_many_as_wanted()
    {
        string List(int count) => string.Join(",", Enumerable.Range(0, count).Select(i => $"'P{i}'"));
        Assert.Equal(0, _model.Resolve(PoolDefinition.OfRule($"category in ({List(200)})")).Count);
        Assert.Throws<RuleException>(() => _model.Resolve(PoolDefinition.OfRule($"category in ({List(201)})")));
        Assert.Equal(130, _model.Resolve(PoolDefinition.OfRule($"product_id in ({List(5000)})")).Count);
    }

    [Fact]
    public void Ten_thousand_mutated_rules_never_crash_and_always_point_at_the_error()
    {
        string[] seeds =
        [
            "category = 'Tea' and price between 5 and 20 and not sizes contains any ('red','blue')",
            "(\"Category\" starts with ('T', 'C') or price <= -1.5e3) and launched >= last_day - 30 days except "
            + "product_id in ('P1','P''2')",
            "launched between 2021-01-01 and '2021-08-01' or price is not empty and not product_name ends with '茶'",
        ];
        var random = new Random(11);
        var failed = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var rule = Mutate(seeds[i % seeds.Length], seeds, random);
            try
            {
                _model.Resolve(PoolDefinition.OfRule(rule));
            }
            catch (RuleException e)
            {
                failed++;
                Assert.InRange(e.Start, 0, rule.Length);
                Assert.InRange(e.Length, e.Start == rule.Length ? 0 : 1, rule.Length - e.Start);
                Assert.Contains("expected", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.InRange(failed, 5_000, 10_000);
    }

    private static string Mutate(string rule, string[] seeds, Random random)
    {
        const string Letters = "'\"()<>=!,- \0\n\ud83d\udca9a9.é_+";
        for (var n = random.Next(1, 5); n > 0; n--)
        {
            var at = random.Next(rule.Length + 1);
            var length = random.Next(Math.Min(12, rule.Length - at) + 1);
            var other = seeds[random.Next(seeds.Length)];
            var from = random.Next(other.Length);
            rule = random.Next(4) switch
            {
                0 => rule.Remove(at, length),
                1 => rule.Insert(at, Letters[random.Next(Letters.Length)].ToString()),
                2 => rule.Insert(at, other.Substring(from, random.Next(Math.Min(15, other.Length - from)) + 1)),
                _ => rule.Remove(at, length).Insert(at, new string('(', random.Next(3) == 0 ? 100 : 1)),
            };
        }

        return rule;
    }

    private static int[] Held(ResolvedPool pool)
    {
        var words = pool.Words.ToArray();
        return [.. Enumerable.Range(0, 130).Where(product => (words[product / 64] >> product & 1) != 0)];
    }

    private bool Plain(string rule, int product)
    {
        var tags = _model.Snapshot.Tags;
        var code = tags[0].Codes[product];
        var category = code < 0 ? null : tags[0].Words.Get(code);
        var price = tags[2].Numbers[product];
        var day = tags[3].Times[product] == long.MinValue
            ? (DateOnly?)null
            : Epoch.AddDays((int)(tags[3].Times[product] / 86_400_000_000));
        var id = _model.Snapshot.ProductIds.Get(product);
        return rule[..12] switch
        {
            "category = '" when !rule.Contains(" or ", StringComparison.Ordinal) => category == "Tea",
            "not category" => category != "Tea",
            "Category in " => category is "Tea" or "Water" && price < 50,
            "category = '" => category == "Tea" || (category == "Coffee" && price >= 20),
            "(category = " => category is "Tea" or "Coffee" && price >= 20,
            "category is " => category is null || double.IsNaN(price),
            "price betwee" => price is >= 5 and <= 20 && category?.Contains('e', StringComparison.Ordinal) != true
                && !(day < new DateOnly(1970, 1, 20)),
            "launched >= " => day >= new DateOnly(2021, 8, 1).AddDays(-18_800),
            _ => id is not ("P1" or "P2"),
        };
    }
}
