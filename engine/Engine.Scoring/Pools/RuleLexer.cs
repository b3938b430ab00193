using System.Buffers;
using System.Globalization;
using System.Text;

namespace Engine.Scoring.Pools;

/// <summary>Cuts a rule into its pieces.</summary>
internal static class RuleLexer
{
    private static readonly SearchValues<char> DateCharacters = SearchValues.Create("0123456789-");
    private static readonly string[] Symbols = ["<=", ">=", "!=", "<>", "(", ")", ",", "=", "<", ">", "-", "+"];

    /// <summary>The piece at or after this character; the end when only white space is left.</summary>
    /// <exception cref="RuleException">A character that begins no piece, or quotes that do not end.</exception>
    public static RuleToken Read(string rule, int at)
    {
        while (at < rule.Length && char.IsWhiteSpace(rule[at]))
        {
            at++;
        }

        return at < rule.Length ? Next(rule, at) : new RuleToken(RuleTokenKind.End, rule.Length, 0, "");
    }

    private static RuleToken Next(string rule, int at)
    {
        var first = rule[at];
        if (first is '\'' or '"')
        {
            return Quoted(rule, at, first);
        }

        if (char.IsAsciiDigit(first))
        {
            return IsDate(rule, at)
                ? new RuleToken(RuleTokenKind.Date, at, 10, rule.Substring(at, 10))
                : Number(rule, at);
        }

        if (char.IsLetter(first) || first == '_')
        {
            var end = at + 1;
            while (end < rule.Length && (char.IsLetterOrDigit(rule[end]) || rule[end] is '_' or '.'))
            {
                end++;
            }

            return new RuleToken(RuleTokenKind.Word, at, end - at, rule[at..end]);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(rule, at, symbol, 0, symbol.Length) == 0)
            {
                return new RuleToken(RuleTokenKind.Symbol, at, symbol.Length, symbol);
            }
        }

        throw RuleException.At(
            rule, at, at + 1 < rule.Length && char.IsSurrogatePair(rule, at) ? 2 : 1,
            "a tag name, text in 'single quotes', a number, a date or a comparison; "
            + "put tag names with other characters in \"double quotes\"");
    }

    // A quote within is written twice.
    private static RuleToken Quoted(string rule, int at, char quote)
    {
        var value = new StringBuilder();
        for (var i = at + 1; i < rule.Length; i++)
        {
            if (rule[i] != quote)
            {
                value.Append(rule[i]);
            }
            else if (i + 1 < rule.Length && rule[i + 1] == quote)
            {
                value.Append(rule[++i]);
            }
            else
            {
                var kind = quote == '"' ? RuleTokenKind.Name : RuleTokenKind.Text;
                return new RuleToken(kind, at, i + 1 - at, value.ToString());
            }
        }

        throw RuleException.At(rule, at, rule.Length - at, $"a closing {quote}; a quote within is written twice");
    }

    private static bool IsDate(
        string rule,
        int at) => at + 10 <= rule.Length && (at + 10 == rule.Length || !char.IsLetterOrDigit(rule[at + 10])) &&
        rule[at + 4] == '-' && rule[at + 7] == '-' && rule.AsSpan(at, 10).IndexOfAnyExcept(DateCharacters) < 0;

    private static RuleToken Number(string rule, int at)
    {
        var end = at;
        while (end < rule.Length && (char.IsLetterOrDigit(rule[end]) || rule[end] == '.'
            || (rule[end] is '+' or '-' && rule[end - 1] is 'e' or 'E')))
        {
            end++;
        }

        var text = rule[at..end];
        return double.TryParse(
            text,
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out var value)
            && double.IsFinite(value)
            ? new RuleToken(RuleTokenKind.Number, at, end - at, text)
            : throw RuleException.At(rule, at, end - at, "a number such as 12 or 0.5");
    }
}
