using System.Globalization;
using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>One row of a rule: a clause that products must meet, or one that takes products away.</summary>
/// <param name="IsExcept">It takes away.</param>
/// <param name="Tag">The tag, as entered.</param>
/// <param name="Comparison">One of <see cref="Comparisons"/>.</param>
/// <param name="Values">As entered.</param>
public sealed record PoolRow(bool IsExcept, string Tag, string Comparison, string Values)
{
    private const string Not = "Not";

    /// <summary>A row to fill in.</summary>
    public static readonly PoolRow Blank = new(false, "", nameof(RuleOperator.Equal), "");

    /// <summary>The comparisons of a row: operators, some of them also negated, with Not in front.</summary>
    public static readonly IReadOnlyList<string> Comparisons =
    [
        nameof(RuleOperator.Equal), Not + nameof(RuleOperator.Equal),
        nameof(RuleOperator.Contains), Not + nameof(RuleOperator.Contains),
        nameof(RuleOperator.StartsWith), nameof(RuleOperator.EndsWith),
        nameof(RuleOperator.ContainsAny), Not + nameof(RuleOperator.ContainsAny), nameof(RuleOperator.ContainsAll),
        nameof(RuleOperator.Less), nameof(RuleOperator.LessOrEqual), nameof(RuleOperator.Greater),
        nameof(RuleOperator.GreaterOrEqual), nameof(RuleOperator.Between),
        nameof(RuleOperator.Empty), Not + nameof(RuleOperator.Empty),
    ];

    /// <summary>The row of a condition; null when no row can say it.</summary>
    public static PoolRow? Of(RuleCondition condition, bool isExcept)
    {
        var comparison = (condition.Negated ? Not : "") + condition.Operator;
        return Comparisons.Contains(comparison)
            ? new PoolRow(isExcept, condition.Tag, comparison, FormIds.Text(condition.Values.Select(TextOf)))
            : null;
    }

    /// <summary>The condition of the row.</summary>
    /// <param name="types">Of the tags, by column and alias.</param>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: a value does not fit its tag.</exception>
    internal RuleNode Node(IReadOnlyDictionary<string, TagType> types)
    {
        var isNegated = Comparison.StartsWith(Not, StringComparison.Ordinal);
        var condition = new RuleCondition
        {
            Tag = Tag,
            Negated = isNegated,
            Operator = Enum.TryParse<RuleOperator>(isNegated ? Comparison[Not.Length..] : Comparison, out var found)
                ? found
                : RuleOperator.Unspecified,
        };
        var type = types.GetValueOrDefault(Tag, TagType.Text);
        if (condition.Operator != RuleOperator.Empty)
        {
            condition.Values.AddRange(FormIds.Values(Values).Select(value => ValueOf(type, value)));
        }

        return new RuleNode { Condition = condition };
    }

    private static RuleValue ValueOf(TagType type, string text) => type switch
    {
        TagType.Number => new RuleValue { Number = FormValue.Decimal("values", text) },
        TagType.Date when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var days)
            => new RuleValue { DaysAfterLastDay = days },
        TagType.Date => new RuleValue { Date = text },
        _ => new RuleValue { Text = text },
    };

    private static string TextOf(RuleValue value) => value.ValueCase switch
    {
        RuleValue.ValueOneofCase.Number => value.Number.ToString("R", CultureInfo.InvariantCulture),
        RuleValue.ValueOneofCase.Date => value.Date,
        RuleValue.ValueOneofCase.DaysAfterLastDay => value.DaysAfterLastDay.ToString(CultureInfo.InvariantCulture),
        _ => value.Text,
    };
}

/// <summary>What a person entered to make a pool.</summary>
public sealed record PoolForm
{
    /// <summary>The button that adds a row.</summary>
    public const string More = "more";

    /// <summary>The button that counts.</summary>
    public const string Count = "count";

    /// <summary>The button that saves.</summary>
    public const string Save = "save";

    private const int BlankRows = 2;

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its clauses; the last ones are blank.</summary>
    public IReadOnlyList<PoolRow> Rows { get; init; } = [PoolRow.Blank, PoolRow.Blank];

    /// <summary>One clause is enough; else all must hold.</summary>
    public bool IsAny { get; init; }

    /// <summary>The rule as text, for what rows cannot say; null where there are rows.</summary>
    public string? Text { get; init; }

    /// <summary>The listed ids, as entered.</summary>
    public string Ids { get; init; } = "";

    /// <summary>The pressed button.</summary>
    public string Step { get; init; } = "";

    /// <summary>Reads the form.</summary>
    public static PoolForm Of(IFormCollection form)
    {
        var (roles, tags, comparisons, values) = (form["role"], form["tag"], form["comparison"], form["values"]);
        var rows = Enumerable
            .Range(0, new[] { roles.Count, tags.Count, comparisons.Count, values.Count }.Min())
            .Select(i => new PoolRow(roles[i] == "except", tags[i]!.Trim(), comparisons[i]!, values[i]!.Trim()))
            .Where(row => row.Tag.Length > 0 || row.Values.Length > 0)
            .ToArray();
        var step = form["step"].ToString();
        return new PoolForm
        {
            Name = form["name"].ToString().Trim(),
            Rows = [.. rows, .. Enumerable.Repeat(PoolRow.Blank, step == More ? 2 * BlankRows : BlankRows)],
            IsAny = form["join"] == "any",
            Text = form.ContainsKey("rule") ? form["rule"].ToString().Trim() : null,
            Ids = form["ids"].ToString(),
            Step = step,
        };
    }

    /// <summary>The form of a saved pool: rows where they can say its rule, text elsewhere.</summary>
    public static PoolForm Of(Pool pool)
    {
        var group = pool.Tree?.Include?.Group;
        var nodes = pool.Tree is null ? [] : group?.Nodes.ToArray() ?? [pool.Tree.Include!];
        var rows = nodes.Select(node => RowOf(node, false))
            .Concat(pool.Tree?.Except.Select(node => RowOf(node, true)) ?? [])
            .ToArray();
        var isFlat = !rows.Contains(null);
        return new PoolForm
        {
            Name = pool.Name,
            Rows = [.. isFlat ? rows.OfType<PoolRow>() : [], PoolRow.Blank, PoolRow.Blank],
            IsAny = group?.Connective == RuleConnective.Or,
            Text = isFlat ? null : pool.Rule,
            Ids = string.Join('\n', pool.ProductIds),
        };
    }

    /// <summary>The rule of the rows; null when there are none.</summary>
    internal PoolRule? Tree(IReadOnlyDictionary<string, TagType> types)
    {
        var filled = Rows.Where(row => row != PoolRow.Blank).ToArray();
        if (Text is not null || filled.Length == 0)
        {
            return null;
        }

        var group = new RuleGroup { Connective = IsAny ? RuleConnective.Or : RuleConnective.And };
        group.Nodes.AddRange(filled.Where(row => !row.IsExcept).Select(row => row.Node(types)));
        var rule = new PoolRule { Include = group.Nodes.Count == 0 ? null : new RuleNode { Group = group } };
        rule.Except.AddRange(filled.Where(row => row.IsExcept).Select(row => row.Node(types)));
        return rule;
    }

    private static PoolRow? RowOf(RuleNode node, bool isExcept) =>
        node.Condition is { } condition ? PoolRow.Of(condition, isExcept) : null;
}
