using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Tests.Shared;

namespace Engine.Tests.Pools;

/// <summary>How much work a rule may be: refused before it is done.</summary>
public sealed class RuleBoundTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScoringModel _model;

    public RuleBoundTests() =>
        _model = new ScoringModel(RandomSnapshot.Open(RandomSnapshot.Content(seed: 5, products: 130), _folder));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void As_many_conditions_as_allowed_are_answered_and_one_more_is_refused_by_name()
    {
        string Rule(int conditions) => string.Join(" or ", Enumerable.Repeat("price < 50", conditions));
        Assert.Equal(
            _model.Resolve(PoolDefinition.OfRule("price < 50")).Count,
            _model.Resolve(PoolDefinition.OfRule(Rule(500))).Count);
        Refused("at most 500 conditions in a rule", Rule(501));
        Refused("at most 500 conditions in a rule", Rule(50_000));
    }

    [Fact]
    public void A_rule_with_too_many_conditions_costs_no_more_than_those_that_are_read()
    {
        var rule = string.Join(" or ", Enumerable.Repeat("price < 50", 50_000));
        Refused("at most 500 conditions in a rule", rule);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<RuleException>(() => _model.Resolve(PoolDefinition.OfRule(rule)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, rule.Length);
    }

    [Fact]
    public void A_rule_is_refused_by_its_length_before_it_is_read() =>
        Refused("4,194,304", "'" + new string('x', 4 << 20));

    [Fact]
    public void Comparisons_are_counted_as_values_times_what_they_are_compared_with()
    {
        Assert.Equal(130 * 2, _model.CostOf(PoolDefinition.OfRule("price = (1, 2)")));
        Assert.Equal(130 * 3, _model.CostOf(PoolDefinition.OfRule("product_name contains ('a', 'b', 'c')")));
        Assert.Equal(2, _model.CostOf(PoolDefinition.OfRule("product_id in ('P1', 'P2')")));
        Assert.Equal(
            130 * 2 + 130,
            _model.CostOf(PoolDefinition.OfRule("(price = (1, 2) and launched > 1970-01-01) or nothing = 1")) - 130);
        Assert.Equal(3, _model.CostOf(PoolDefinition.OfIds(["P1", "P2", "x"])));
    }

    private void Refused(string words, string rule)
    {
        var error = Assert.Throws<RuleException>(() => _model.Resolve(PoolDefinition.OfRule(rule)));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 1_000);
    }
}
