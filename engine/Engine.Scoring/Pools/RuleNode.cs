namespace Engine.Scoring.Pools;

/// <summary>A rule: the products of one part that are in none of the others.</summary>
/// <param name="Text">As written.</param>
/// <param name="Include">What is in.</param>
/// <param name="Except">What is taken out again: the difference at the outermost level.</param>
public sealed record RuleTree(string Text, RuleNode Include, IReadOnlyList<RuleNode> Except)
{
    /// <summary>The conditions in the order of the rule.</summary>
    public IEnumerable<RuleCondition> Conditions => Except.Prepend(Include).SelectMany(node => node.Conditions);
}

/// <summary>A condition or a group of nodes.</summary>
/// <param name="Start">Its first character in the rule.</param>
/// <param name="End">The character after its last.</param>
public abstract record RuleNode(int Start, int End)
{
    /// <summary>The conditions within, in the order of the rule.</summary>
    public abstract IEnumerable<RuleCondition> Conditions { get; }
}

/// <summary>Nodes that must all hold, or of which one must.</summary>
/// <param name="Start">Its first character in the rule.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Any">Or; else and.</param>
/// <param name="Nodes">At least two as parsed.</param>
public sealed record RuleGroup(int Start, int End, bool Any, IReadOnlyList<RuleNode> Nodes) : RuleNode(Start, End)
{
    /// <inheritdoc/>
    public override IEnumerable<RuleCondition> Conditions => Nodes.SelectMany(node => node.Conditions);
}

/// <summary>One tag, one comparison.</summary>
/// <param name="Start">Its first character in the rule.</param>
/// <param name="End">The character after its last.</param>
/// <param name="Tag">The tag's column or alias.</param>
/// <param name="TagStart">Where the tag's name begins.</param>
/// <param name="TagLength">Characters of the tag's name as written.</param>
/// <param name="Operator">The comparison.</param>
/// <param name="OperatorStart">Where the comparison begins.</param>
/// <param name="OperatorLength">Characters of the comparison.</param>
/// <param name="Negated">
/// Holds for exactly the products for which the comparison does not, those without a value among them.
/// </param>
/// <param name="Values">Several mean or, except in contains all (and) and between (from, to).</param>
public sealed record RuleCondition(
    int Start,
    int End,
    string Tag,
    int TagStart,
    int TagLength,
    RuleOperator Operator,
    int OperatorStart,
    int OperatorLength,
    bool Negated,
    IReadOnlyList<RuleValue> Values) : RuleNode(Start, End)
{
    /// <inheritdoc/>
    public override IEnumerable<RuleCondition> Conditions => [this];
}

/// <summary>A value as written.</summary>
/// <param name="Kind">Which of the others holds it.</param>
/// <param name="Start">Its first character in the rule.</param>
/// <param name="Length">Its characters.</param>
/// <param name="Text">A text.</param>
/// <param name="Number">A number.</param>
/// <param name="Days">A date: its day number (0001-01-01 is 0). Relative to the last day: days after it.</param>
public readonly record struct RuleValue(
    RuleValueKind Kind, int Start, int Length, string Text = "", double Number = 0, int Days = 0);

/// <summary>What a value is.</summary>
public enum RuleValueKind
{
    /// <summary>'Tea'.</summary>
    Text,

    /// <summary>12.5.</summary>
    Number,

    /// <summary>2021-08-01.</summary>
    Date,

    /// <summary>last_day - 30 days: date(L), the day of the latest behavior in the data.</summary>
    LastDay,
}

/// <summary>Comparisons.</summary>
public enum RuleOperator
{
    /// <summary>Text, number, date: one of the values.</summary>
    Equal,

    /// <summary>Text: one of the values is within.</summary>
    Contains,

    /// <summary>Text: begins with one of the values.</summary>
    StartsWith,

    /// <summary>Text: ends with one of the values.</summary>
    EndsWith,

    /// <summary>Multi-valued text: has one of the values.</summary>
    ContainsAny,

    /// <summary>Multi-valued text: has all of the values.</summary>
    ContainsAll,

    /// <summary>Has no value.</summary>
    Empty,

    /// <summary>Number, date.</summary>
    Less,

    /// <summary>Number, date.</summary>
    LessOrEqual,

    /// <summary>Number, date.</summary>
    Greater,

    /// <summary>Number, date.</summary>
    GreaterOrEqual,

    /// <summary>Number, date: from the first value to the second, both inclusive.</summary>
    Between,
}
