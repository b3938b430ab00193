using System.Text.Json.Serialization;
using Engine.Kernels;
using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;

namespace Engine.Scoring.Placements;

/// <summary>A placement as it was declared: a slot of the storefront. Immutable.</summary>
/// <param name="Name">For messages.</param>
public sealed record PlacementDefinition(string Name)
{
    /// <summary>The most products of a placement.</summary>
    public const int MaximumProducts = 1_000;

    /// <summary>The most rules.</summary>
    public const int MaximumRules = 64;

    /// <summary>The most boosts and minimums together.</summary>
    public const int MaximumSplits = 8;

    /// <summary>The largest boost, bury or weight.</summary>
    public const float MaximumAmount = 1_000;

    /// <summary>Grows by one with each save.</summary>
    public long Version { get; init; }

    /// <summary>The name of a saved pool; empty means all products. The caller resolves it.</summary>
    public string Pool { get; init; } = "";

    /// <summary>A rule over tags; empty means all products. With a pool, both must hold.</summary>
    public string Rule
    {
        get => Held.Rule;
        init => Held = PoolDefinition.OfRule(value);
    }

    /// <summary>What about products that the user purchased.</summary>
    public PurchasedPolicy Purchased { get; init; }

    /// <summary>
    /// The fallback chain. User, basket and popular score every product, so that what follows the first of them that
    /// knows the shopper is never asked.
    /// </summary>
    public IReadOnlyList<PlacementSource> Sources { get; init; } =
        [PlacementSource.User, PlacementSource.Basket, PlacementSource.Popular];

    /// <summary>Never in the placement.</summary>
    public IReadOnlyList<string> ExcludedProductIds { get; init; } = [];

    /// <summary>Places, 1..1,000.</summary>
    public int TopK { get; init; } = 10;

    /// <summary>A shorter list is answered by none; 0 means that any length will do.</summary>
    public int MinimumCount { get; init; }

    /// <summary>At most 64.</summary>
    public IReadOnlyList<PlacementRule> Rules { get; init; } = [];

    [JsonIgnore]
    internal PoolDefinition Held { get; private init; } = PoolDefinition.OfRule("");

    /// <summary>
    /// How many of the best products a list of so many places mostly needs: one more, which ends the look at the last
    /// place; more where a rule passes some over. A search for a few more costs less than a second one.
    /// </summary>
    internal int Candidates(int places)
    {
        var count = places + 1;
        var passed = 0;
        for (var i = 0; i < Rules.Count; i++)
        {
            passed = Rules[i].Kind switch
            {
                PlacementRuleKind.Diversity => count,
                PlacementRuleKind.Boost or PlacementRuleKind.Minimum or PlacementRuleKind.Cap =>
                    Math.Max(passed, count / 2),
                _ => passed,
            };
        }

        return count + passed;
    }

    /// <summary>Rejects numbers out of their range and rules that lack what their kind needs.</summary>
    /// <exception cref="InputException">The message begins with the field.</exception>
    public void Check()
    {
        Require.Between("top_k", TopK, 1, MaximumProducts);
        Require.Between("minimum_count", MinimumCount, 0, TopK);
        Require.Between("sources", Sources.Count, 1, 4);
        for (var i = 0; i < Sources.Count; i++)
        {
            if (Sources[i] == PlacementSource.None || !Enum.IsDefined(Sources[i]))
            {
                throw new InputException(InvariantText.Of(
                    $"found sources[{i}] = {(int)Sources[i]}, expected 1..4 (user, basket, related, popular)"));
            }

            if (Sources.Take(i).Contains(Sources[i]))
            {
                throw new InputException(InvariantText.Of(
                    $"found sources[{i}] = {Sources[i]} a second time, expected each source at most once"));
            }
        }

        Require.Between("rules", Rules.Count, 0, MaximumRules);
        if (Rules.Count(rule => rule.IsSplit) is > MaximumSplits and var splits)
        {
            throw new InputException(
                InvariantText.Of($"found rules = {splits} boosts and minimums, expected at most {MaximumSplits}"));
        }

        for (var i = 0; i < Rules.Count; i++)
        {
            CheckRule(Rules[i], i, InvariantText.Of($"rules[{i}]"));
        }
    }

    private void CheckRule(PlacementRule rule, int index, string field)
    {
        if (rule.From >= rule.To)
        {
            throw new InputException(InvariantText.Of(
                $"found {field}.to = {rule.To:O}, expected a time after from = {rule.From:O}"));
        }

        switch (rule.Kind)
        {
            case PlacementRuleKind.Pin:
                Need($"{field}.pin.product_id", rule.ProductId);
                Require.Between($"{field}.pin.place", rule.Place, 1, TopK);
                break;
            case PlacementRuleKind.Boost:
                Need($"{field}.boost.rule", rule.Rule);
                Require.Between($"{field}.boost.addend", rule.Amount, -MaximumAmount, MaximumAmount);
                break;
            case PlacementRuleKind.Cap:
                Need($"{field}.cap.tag", rule.Tag);
                Require.Between($"{field}.cap.most", rule.Count, 1, MaximumProducts);
                break;
            case PlacementRuleKind.Minimum:
                Need($"{field}.minimum.rule", rule.Rule);
                Require.Between($"{field}.minimum.least", rule.Count, 1, TopK);
                break;
            case PlacementRuleKind.Diversity:
                Require.Between($"{field}.diversity.weight", rule.Amount, 0, MaximumAmount);
                NeedOne($"{field}.diversity", index, rule.Kind);
                break;
            case PlacementRuleKind.Explore:
                Require.Between($"{field}.explore.most", rule.Count, 1, TopK);
                Require.Between($"{field}.explore.addend", rule.Amount, -MaximumAmount, MaximumAmount);
                NeedOne($"{field}.explore", index, rule.Kind);
                break;
            default:
                throw new InputException($"{field} is empty. Give pin, boost, cap, minimum, diversity or explore");
        }
    }

    private void NeedOne(string field, int index, PlacementRuleKind kind)
    {
        if (Rules.Take(index).Any(one => one.Kind == kind))
        {
            throw new InputException($"found {field} = a second one, expected one");
        }
    }

    private static void Need(string field, string value)
    {
        if (value.Length == 0)
        {
            throw new InputException($"{field} is missing");
        }
    }
}
