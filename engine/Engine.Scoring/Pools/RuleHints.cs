using System.Text;
using Engine.Snapshots;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Pools;

/// <summary>Why a rule holds no product: the conditions that hold none, each with a value that is alike.</summary>
internal static class RuleHints
{
    private const int MostConditions = 3;
    private const int MostCharacters = 80;

    /// <summary>The words for people; empty when every condition holds a product.</summary>
    public static string Of(
        Snapshot snapshot, RuleTree tree, IEnumerable<RuleClause> clauses, CancellationToken cancellation) =>
        string.Join(
            "; ",
            tree.Include.Conditions.Zip(clauses)
                .Where(pair => pair.Second.Products == 0)
                .Take(MostConditions)
                .Select(pair =>
                    $"{Cut(pair.Second.Text)} holds none{Reason(snapshot, tree, pair.First, cancellation)}"));

    private static string Reason(
        Snapshot snapshot, RuleTree tree, RuleCondition condition, CancellationToken cancellation) =>
        condition.Negated ? ""
        : condition.Operator == RuleOperator.Between && IsReversed(condition.Values, snapshot.Manifest.Scope.LastDay)
            ? ": its first value lies above its second"
        : Alike(snapshot, TagColumns.Find(snapshot, tree.Text, condition), condition, cancellation) is { } word
            ? $": the snapshot has '{Cut(word)}'"
        : "";

    private static bool IsReversed(IReadOnlyList<RuleValue> values, DateOnly lastDay) =>
        values[0].Kind == RuleValueKind.Number
            ? values[0].Number > values[1].Number
            : RuleTypes.DayOf(values[0], lastDay) > RuleTypes.DayOf(values[1], lastDay);

    // A text for which the condition would hold if letters in capitals and spaces at the ends did not count.
    private static string? Alike(
        Snapshot snapshot, MappedTag? tag, RuleCondition condition, CancellationToken cancellation)
    {
        var given = condition.Values.Where(value => value.Kind == RuleValueKind.Text)
            .Select(value => value.Text).ToHashSet(StringComparer.Ordinal);
        var values = given.Select(value => value.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var texts = tag is null ? snapshot.Manifest.ProductCount : tag.Words.Count;
        for (var i = 0; i < texts && values.Count > 0; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var text = Encoding.UTF8.GetString(
                tag is not null ? tag.Words.Utf8(i)
                : condition.Tag == TagColumns.ProductId ? snapshot.ProductIds.Utf8(i) : snapshot.ProductNames.Utf8(i));
            if (!given.Contains(text) && Holds(condition.Operator, text.Trim(), values))
            {
                return text;
            }
        }

        return null;
    }

    private static bool Holds(RuleOperator comparison, string text, HashSet<string> values) => comparison switch
    {
        RuleOperator.Contains => values.Any(value => text.Contains(value, StringComparison.OrdinalIgnoreCase)),
        RuleOperator.StartsWith => values.Any(value => text.StartsWith(value, StringComparison.OrdinalIgnoreCase)),
        RuleOperator.EndsWith => values.Any(value => text.EndsWith(value, StringComparison.OrdinalIgnoreCase)),
        _ => values.Contains(text),
    };

    private static string Cut(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + "...";
}
