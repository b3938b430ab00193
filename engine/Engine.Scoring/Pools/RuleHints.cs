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
        var values = given.Select(value => value.Trim()).Where(value => value.Length > 0)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var (known, alike) = (
            given.GetAlternateLookup<ReadOnlySpan<char>>(), values.GetAlternateLookup<ReadOnlySpan<char>>());
        var texts = values.Count == 0 ? 0 : tag is null ? snapshot.Manifest.ProductCount : tag.Words.Count;
        Span<char> buffer = stackalloc char[TextTest.StackChars];
        for (var i = 0; i < texts; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var text = TextTest.Text(
                tag is not null ? tag.Words.Utf8(i)
                : condition.Tag == TagColumns.ProductId ? snapshot.ProductIds.Utf8(i) : snapshot.ProductNames.Utf8(i),
                buffer);
            var holds = condition.Operator is RuleOperator.Contains or RuleOperator.StartsWith or RuleOperator.EndsWith
                ? HasPart(condition.Operator, text, values)
                : alike.Contains(text.Trim());
            if (holds && !known.Contains(text))
            {
                return text.ToString();
            }
        }

        return null;
    }

    private static bool HasPart(RuleOperator comparison, ReadOnlySpan<char> text, HashSet<string> values)
    {
        foreach (var value in values)
        {
            var holds = comparison switch
            {
                RuleOperator.Contains => text.Contains(value, StringComparison.OrdinalIgnoreCase),
                RuleOperator.StartsWith => text.TrimStart().StartsWith(value, StringComparison.OrdinalIgnoreCase),
                _ => text.TrimEnd().EndsWith(value, StringComparison.OrdinalIgnoreCase),
            };
            if (holds)
            {
                return true;
            }
        }

        return false;
    }

    private static string Cut(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + "...";
}
