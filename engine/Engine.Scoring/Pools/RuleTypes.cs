using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Pools;

/// <summary>Which comparisons and values a tag's type allows.</summary>
internal static class RuleTypes
{
    /// <exception cref="RuleException">
    /// The comparison or a value does not fit; the message names the tag and its type.
    /// </exception>
    public static void Check(string rule, RuleCondition condition, TagValueType type)
    {
        var allowed = type switch
        {
            TagValueType.Text =>
                condition.Operator is RuleOperator.Equal or RuleOperator.Contains or RuleOperator.StartsWith
                    or RuleOperator.EndsWith,
            TagValueType.MultiText => condition.Operator is RuleOperator.ContainsAny or RuleOperator.ContainsAll,
            _ => condition.Operator is RuleOperator.Equal or >= RuleOperator.Less,
        };
        if (!allowed && condition.Operator != RuleOperator.Empty)
        {
            throw RuleException.At(
                rule,
                condition.OperatorStart,
                condition.OperatorLength,
                $"for tag '{condition.Tag}', which is {Article(type)}, {Comparisons(type)}");
        }

        foreach (var value in condition.Values)
        {
            var fits = type switch
            {
                TagValueType.Number => value.Kind == RuleValueKind.Number,
                TagValueType.Date => value.Kind is RuleValueKind.Date or RuleValueKind.LastDay
                    || (value.Kind == RuleValueKind.Text && IsDay(value.Text)),
                _ => value.Kind == RuleValueKind.Text,
            };
            if (!fits)
            {
                throw RuleException.At(
                    rule,
                    value.Start,
                    value.Length,
                    $"for tag '{condition.Tag}', which is {Article(type)}, {ValueOf(type)}");
            }
        }
    }

    /// <summary>The day number of a date value.</summary>
    public static int DayOf(RuleValue value, DateOnly lastDay) => value.Kind switch
    {
        RuleValueKind.LastDay => lastDay.DayNumber + value.Days,
        RuleValueKind.Text => DateOnly.ParseExact(value.Text, "yyyy-MM-dd").DayNumber,
        _ => value.Days,
    };

    private static bool IsDay(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _);

    private static string Article(TagValueType type) =>
        type is TagValueType.Number or TagValueType.Date ? $"a {TagColumns.NameOf(type)}" : TagColumns.NameOf(type);

    private static string Comparisons(TagValueType type) => type switch
    {
        TagValueType.Text => "one of =, !=, in (..), contains, starts with, ends with, is empty",
        TagValueType.MultiText => "one of contains any (..), contains all (..), is empty",
        _ => "one of =, !=, <, <=, >, >=, in (..), between .. and .., is empty",
    };

    private static string ValueOf(TagValueType type) => type switch
    {
        TagValueType.Number => "a number without quotes",
        TagValueType.Date => "a day such as 2021-08-01, or last_day - 30 days",
        _ => "text in 'single quotes'",
    };
}
