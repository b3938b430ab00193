namespace Engine.Scoring.Pools;

/// <summary>Reads one condition: [not] tag [not] comparison values.</summary>
internal sealed class RuleConditionParser(RuleTokens tokens)
{
    private const string Comparisons =
        "a comparison: =, !=, <, <=, >, >=, between .. and .., in (..), contains, contains any (..), "
        + "contains all (..), starts with, ends with, is empty, is not empty";

    private readonly RuleValueParser _values = new(tokens);

    /// <summary>The condition that begins here.</summary>
    /// <exception cref="RuleException">None does.</exception>
    public RuleCondition Read()
    {
        var start = tokens.Current.Start;
        var negated = tokens.Take("not");
        if (negated && tokens.Current.IsSymbol("("))
        {
            throw tokens.Expected(
                "a condition after not: negate each condition, or take a group out with except at the outermost level");
        }

        var tag = tokens.Current;
        if (tag.Kind != RuleTokenKind.Name && (tag.Kind != RuleTokenKind.Word || RuleTokens.IsReserved(tag.Value)))
        {
            throw tokens.Expected(tag.Kind == RuleTokenKind.Word
                ? $"a tag name; a tag that is called {tag.Value} is written in \"double quotes\""
                : "a tag name, not, or an opening parenthesis");
        }

        tokens.Next();
        var operatorStart = tokens.Current.Start;
        negated ^= tokens.Take("not");
        var comparison = Comparison(ref negated);
        var operatorLength = tokens.Last.End - operatorStart;
        IReadOnlyList<RuleValue> values = comparison switch
        {
            RuleOperator.Empty => [],
            RuleOperator.Between => _values.Range(),
            _ => _values.OneOrMore(unlimited: tag.Value == TagColumns.ProductId),
        };
        return new RuleCondition(
            start, tokens.Last.End, tag.Value, tag.Start, tag.Length, comparison, operatorStart, operatorLength,
            negated, values);
    }

    private RuleOperator Comparison(ref bool negated)
    {
        var token = tokens.Current;
        if (token.Kind == RuleTokenKind.Symbol && Symbol(token.Value) is { } comparison)
        {
            negated ^= token.Value is "!=" or "<>";
            tokens.Next();
            return comparison;
        }

        if (tokens.Take("is"))
        {
            negated ^= tokens.Take("not");
            return tokens.Take("empty") ? RuleOperator.Empty : throw tokens.Expected("empty or not empty");
        }

        if (tokens.Take("contains"))
        {
            return tokens.Take("any")
                ? RuleOperator.ContainsAny
                : tokens.Take("all") ? RuleOperator.ContainsAll : RuleOperator.Contains;
        }

        if (tokens.Take("starts") || tokens.Take("ends"))
        {
            var starts = tokens.Last.Is("starts");
            return !tokens.Take("with")
                ? throw tokens.Expected("with")
                : starts ? RuleOperator.StartsWith : RuleOperator.EndsWith;
        }

        return tokens.Take("between") ? RuleOperator.Between
            : !tokens.Take("in") ? throw tokens.Expected(Comparisons)
            : tokens.Current.IsSymbol("(") ? RuleOperator.Equal
            : throw tokens.Expected("an opening parenthesis before the values");
    }

    private static RuleOperator? Symbol(string symbol) => symbol switch
    {
        "=" or "!=" or "<>" => RuleOperator.Equal,
        "<" => RuleOperator.Less,
        "<=" => RuleOperator.LessOrEqual,
        ">" => RuleOperator.Greater,
        ">=" => RuleOperator.GreaterOrEqual,
        _ => null,
    };
}
