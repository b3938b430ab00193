using System.Globalization;
using Engine.Scoring.Pools;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>From the tree of a rule as read to the tree of the contract.</summary>
internal static class RuleTrees
{
    /// <summary>Node for node.</summary>
    public static Proto.PoolRule ToProto(RuleTree tree) =>
        new() { Include = ToProto(tree.Include), Except = { tree.Except.Select(ToProto) } };

    private static Proto.RuleNode ToProto(RuleNode node) => node is RuleGroup group
        ? new Proto.RuleNode
        {
            Group = new Proto.RuleGroup
            {
                Connective = group.Any ? Proto.RuleConnective.Or : Proto.RuleConnective.And,
                Nodes = { group.Nodes.Select(ToProto) },
            },
        }
        : new Proto.RuleNode { Condition = ToProto((RuleCondition)node) };

    // The operators of the contract are those of the engine plus one: 0 means not set.
    private static Proto.RuleCondition ToProto(RuleCondition condition) => new()
    {
        Tag = condition.Tag,
        Operator = (Proto.RuleOperator)((int)condition.Operator + 1),
        Negated = condition.Negated,
        Values = { condition.Values.Select(ToProto) },
    };

    private static Proto.RuleValue ToProto(RuleValue value) => value.Kind switch
    {
        RuleValueKind.Text => new Proto.RuleValue { Text = value.Text },
        RuleValueKind.Number => new Proto.RuleValue { Number = value.Number },
        RuleValueKind.Date =>
            new Proto.RuleValue
            {
                Date = DateOnly.FromDayNumber(value.Days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            },
        _ => new Proto.RuleValue { DaysAfterLastDay = value.Days },
    };
}
