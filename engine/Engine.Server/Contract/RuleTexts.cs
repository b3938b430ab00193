using System.Globalization;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// From the tree of the contract to the text of a rule. The text is then read like any other, so that trees and
/// texts are checked by the same code.
/// </summary>
internal static class RuleTexts
{
    private const int MaximumDepth = 64;

    /// <summary>The text of a tree.</summary>
    /// <exception cref="InputException">A node, an operator or a value is not set.</exception>
    public static string Of(Proto.PoolRule tree) =>
        string.Join(
            " except ",
            tree.Except.Prepend(tree.Include ?? throw Missing("tree.include", "a node")).Select(node => Of(node, 0)));

    /// <summary>The rule of a request, which brings text or a tree; empty when neither.</summary>
    public static string Of(string rule, Proto.PoolRule? tree) => tree is null ? rule
        : rule.Length == 0 ? Of(tree)
        : throw new InputException("found both rule and tree; expected one of them");

    private static string Of(Proto.RuleNode node, int depth) => node.NodeCase switch
    {
        Proto.RuleNode.NodeOneofCase.Condition => Of(node.Condition),
        Proto.RuleNode.NodeOneofCase.Group => Of(node.Group, depth),
        _ => throw Missing("node", "a group or a condition"),
    };

    private static string Of(Proto.RuleGroup group, int depth)
    {
        if (depth >= MaximumDepth || group.Nodes.Count == 0)
        {
            throw new InputException(
                $"found a group of {group.Nodes.Count} nodes at depth {depth}; "
                + $"expected at least one node and a depth below {MaximumDepth}");
        }

        var word = group.Connective switch
        {
            Proto.RuleConnective.Unspecified or Proto.RuleConnective.And => " and ",
            Proto.RuleConnective.Or => " or ",
            _ => throw Missing($"connective {(int)group.Connective}", "and, or"),
        };
        var text = string.Join(word, group.Nodes.Select(node => Of(node, depth + 1)));
        return group.Nodes.Count > 1 ? $"({text})" : text;
    }

    private static string Of(Proto.RuleCondition condition)
    {
        var tag = $"\"{condition.Tag.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var values = condition.Values.Select(Of).ToArray();
        var list = values.Length == 1 ? values[0] : $"({string.Join(", ", values)})";
        var comparison = condition.Operator switch
        {
            Proto.RuleOperator.Equal => values.Length == 1 ? $"= {list}" : $"in {list}",
            Proto.RuleOperator.Contains => $"contains {list}",
            Proto.RuleOperator.StartsWith => $"starts with {list}",
            Proto.RuleOperator.EndsWith => $"ends with {list}",
            Proto.RuleOperator.ContainsAny => $"contains any {list}",
            Proto.RuleOperator.ContainsAll => $"contains all {list}",
            Proto.RuleOperator.Empty => values.Length == 0
                ? "is empty"
                : throw Missing($"is empty with {values.Length} values", "none"),
            Proto.RuleOperator.Less => $"< {list}",
            Proto.RuleOperator.LessOrEqual => $"<= {list}",
            Proto.RuleOperator.Greater => $"> {list}",
            Proto.RuleOperator.GreaterOrEqual => $">= {list}",
            Proto.RuleOperator.Between => values.Length == 2
                ? $"between {values[0]} and {values[1]}"
                : throw Missing($"between with {values.Length} values", "two"),
            _ => throw Missing($"operator {(int)condition.Operator} for tag '{condition.Tag}'", "one of the contract"),
        };
        return $"{(condition.Negated ? "not " : "")}{tag} {comparison}";
    }

    private static string Of(Proto.RuleValue value) => value.ValueCase switch
    {
        Proto.RuleValue.ValueOneofCase.Text => $"'{value.Text.Replace("'", "''", StringComparison.Ordinal)}'",
        Proto.RuleValue.ValueOneofCase.Number => value.Number.ToString("R", CultureInfo.InvariantCulture),
        Proto.RuleValue.ValueOneofCase.Date => DateOnly.TryParseExact(value.Date, "yyyy-MM-dd", out _)
            ? value.Date
            : $"'{value.Date.Replace("'", "''", StringComparison.Ordinal)}'",
        Proto.RuleValue.ValueOneofCase.DaysAfterLastDay =>
            $"last_day {(value.DaysAfterLastDay < 0 ? '-' : '+')} {Math.Abs((long)value.DaysAfterLastDay)} days",
        _ => throw Missing("value", "text, number, date or days_after_last_day"),
    };

    private static InputException Missing(string found, string expected) =>
        new($"found {found} in the tree of the rule, expected {expected}");
}
