namespace Engine.Scoring.Pools;

/// <summary>
/// The pieces of a rule, read one after the other and no sooner than they are needed: a rule that is refused at its
/// 501st condition costs 500, however long it is.
/// </summary>
internal sealed class RuleTokens(string rule)
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "and", "or", "not", "except", "in", "contains", "starts", "ends", "with", "is", "between", "last_day",
    };

    /// <summary>The whole rule.</summary>
    public string Rule { get; } = rule;

    /// <summary>The piece that is looked at.</summary>
    public RuleToken Current { get; private set; } = RuleLexer.Read(rule, 0);

    /// <summary>The piece before it.</summary>
    public RuleToken Last { get; private set; }

    /// <summary>Whether a name must be written in double quotes to be a tag.</summary>
    public static bool IsReserved(string word) => Reserved.Contains(word);

    /// <summary>The piece, and steps on; the end stays.</summary>
    public RuleToken Next()
    {
        var piece = Current;
        if (piece.Kind != RuleTokenKind.End)
        {
            Last = piece;
            Current = RuleLexer.Read(Rule, piece.End);
        }

        return piece;
    }

    /// <summary>Steps over this word if it stands here.</summary>
    public bool Take(string word) => TakeIf(Current.Is(word));

    /// <summary>Steps over this symbol if it stands here.</summary>
    public bool TakeSymbol(string symbol) => TakeIf(Current.IsSymbol(symbol));

    /// <summary>An error at the piece that is looked at.</summary>
    public RuleException Expected(string expected) => RuleException.At(Rule, Current.Start, Current.Length, expected);

    private bool TakeIf(bool stands)
    {
        if (stands)
        {
            Next();
        }

        return stands;
    }
}
