namespace Engine.Scoring.Pools;

/// <summary>What a piece of a rule is.</summary>
internal enum RuleTokenKind
{
    /// <summary>After the last piece.</summary>
    End,

    /// <summary>A tag name or a word of the language.</summary>
    Word,

    /// <summary>A tag name in double quotes.</summary>
    Name,

    /// <summary>Text in single quotes.</summary>
    Text,

    /// <summary>A number without sign.</summary>
    Number,

    /// <summary>A date, yyyy-MM-dd, without quotes.</summary>
    Date,

    /// <summary>A parenthesis, a comma, a sign or a comparison.</summary>
    Symbol,
}

/// <summary>One piece of a rule.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Its first character.</param>
/// <param name="Length">Its characters.</param>
/// <param name="Value">Without quotes; words of the language are compared without regard to case.</param>
internal readonly record struct RuleToken(RuleTokenKind Kind, int Start, int Length, string Value)
{
    /// <summary>The character after the last.</summary>
    public int End => Start + Length;

    /// <summary>Whether it is this word of the language.</summary>
    public bool Is(string word) => Kind == RuleTokenKind.Word && Value.Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is this symbol.</summary>
    public bool IsSymbol(string symbol) => Kind == RuleTokenKind.Symbol && Value == symbol;
}
