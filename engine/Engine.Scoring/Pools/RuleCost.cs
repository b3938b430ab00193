using System.Globalization;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Pools;

/// <summary>
/// How much work a rule is on a snapshot: comparisons of a value with a word, a number or a day. Known before any of
/// them is made.
/// </summary>
public static class RuleCost
{
    /// <summary>The most comparisons: 200 values in each of a million products' names. Seconds of one core.</summary>
    public const long Maximum = 250_000_000;

    /// <summary>The comparisons of a rule; conditions that do not fit the tags count nothing.</summary>
    public static long Of(Snapshot snapshot, RuleTree tree) =>
        tree.Conditions.Sum(condition => Of(snapshot, condition));

    /// <exception cref="RuleException">They are too many.</exception>
    internal static void Check(Snapshot snapshot, RuleTree tree)
    {
        var cost = Of(snapshot, tree);
        if (cost > Maximum)
        {
            throw RuleException.TooLarge(string.Create(
                CultureInfo.InvariantCulture,
                $"found a rule of {cost:N0} comparisons with {snapshot.Manifest.ProductCount:N0} products; "
                + $"expected at most {Maximum:N0}. Use fewer values, or list the products by id"));
        }
    }

    private static long Of(Snapshot snapshot, RuleCondition condition)
    {
        var products = snapshot.Manifest.ProductCount;
        var values = Math.Max(1, condition.Values.Count);
        if (TagColumns.TryFind(snapshot, condition.Tag) is not { } tag)
        {
            // Ids are looked up; every other comparison reads each product's id or name.
            return condition is { Tag: TagColumns.ProductId, Operator: RuleOperator.Equal }
                ? values
                : (long)values * products;
        }

        return tag.Column.Type switch
        {
            // Each distinct word is judged once; equal looks it up among the values.
            TagValueType.Text =>
                products + ((condition.Operator == RuleOperator.Equal ? 1L : values) * tag.Words.Count),
            TagValueType.MultiText =>
                (condition.Operator == RuleOperator.ContainsAll ? values : 1L) * (tag.Words.Count + tag.Codes.Length),
            _ => (long)values * products,
        };
    }
}
