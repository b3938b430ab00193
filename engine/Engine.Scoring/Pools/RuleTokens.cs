namespace Engine.Scoring.Pools;

/// <summary>The pieces of a rule, read one after the other.</summary>
internal sealed class RuleTokens(string rule)
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "and", "or", "not", "except", "in", "contains", "starts", "ends", "with", "is", "between", "last_day",
    };

    private readonly List<RuleToken> _tokens = RuleLexer.Read(rule);
    private int _at;

    /// <summary>The whole rule.</summary>
    public string Rule { get; } = rule;

    /// <summary>The piece that is looked at.</summary>
    public RuleToken Current => _tokens[_at];

    /// <summary>The piece before it.</summary>
    public RuleToken Last => _tokens[_at - 1];

    /// <summary>Whether a name must be written in double quotes to be a tag.</summary>
    public static bool IsReserved(string word) => Reserved.Contains(word);

    /// <summary>The piece, and steps on; the end stays.</summary>
    public RuleToken Next() => Current.Kind == RuleTokenKind.End ? Current : _tokens[_at++];

    /// <summary>Steps over this word if it stands here.</summary>
    public bool Take(string word) => TakeIf(Current.Is(word));

    /// <summary>Steps over this symbol if it stands here.</summary>
    public bool TakeSymbol(string symbol) => TakeIf(Current.IsSymbol(symbol));

    /// <summary>An error at the piece that is looked at.</summary>
    public RuleException Expected(string expected) => RuleException.At(Rule, Current.Start, Current.Length, expected);

    private bool TakeIf(bool stands)
    {
        _at += stands ? 1 : 0;
        return stands;
    }
}
