using System.Globalization;

namespace Engine.Scoring.Pools;

/// <summary>Reads the values of a condition.</summary>
internal sealed class RuleValueParser(RuleTokens tokens)
{
    /// <summary>Values of one condition; lists of product ids may be as long as the catalog.</summary>
    public const int MaximumValues = 200;

    private const int MaximumDays = 36_525;
    private const string Values =
        "a value: text in 'single quotes', a number, a date such as 2021-08-01, or last_day - 30 days";

    /// <summary>One value, or several in parentheses.</summary>
    public List<RuleValue> OneOrMore(bool unlimited)
    {
        if (!tokens.TakeSymbol("("))
        {
            return [One()];
        }

        var values = new List<RuleValue>();
        do
        {
            var value = One();
            values.Add(values.Count < MaximumValues || unlimited
                ? value
                : throw RuleException.At(
                    tokens.Rule,
                    value.Start,
                    value.Length,
                    $"at most {MaximumValues} values in one condition: split it with or"));
        }
        while (tokens.TakeSymbol(","));
        return tokens.TakeSymbol(")") ? values : throw tokens.Expected("a comma or a closing parenthesis");
    }

    /// <summary>From and to.</summary>
    public List<RuleValue> Range()
    {
        var from = One();
        return tokens.Take("and") ? [from, One()] : throw tokens.Expected("and, and then the upper end");
    }

    private RuleValue One()
    {
        var first = tokens.Current;
        var negative = tokens.TakeSymbol("-");
        if (negative && tokens.Current.Kind != RuleTokenKind.Number)
        {
            throw tokens.Expected("a number after the minus");
        }

        var token = tokens.Current;
        switch (token.Kind)
        {
            case RuleTokenKind.Text:
                tokens.Next();
                return new RuleValue(RuleValueKind.Text, token.Start, token.Length, token.Value);
            case RuleTokenKind.Number:
                tokens.Next();
                var number = double.Parse(token.Value, CultureInfo.InvariantCulture);
                return new RuleValue(
                    RuleValueKind.Number, first.Start, token.End - first.Start, Number: negative ? -number : number);
            case RuleTokenKind.Date:
                tokens.Next();
                return DateOnly.TryParseExact(token.Value, "yyyy-MM-dd", out var date)
                    ? new RuleValue(RuleValueKind.Date, token.Start, token.Length, Days: date.DayNumber)
                    : throw RuleException.At(
                        tokens.Rule, token.Start, token.Length, "a day that exists, as yyyy-MM-dd");
            default:
                return tokens.Take("last_day") ? LastDay(token) : throw tokens.Expected(Values);
        }
    }

    // last_day, or last_day - 30 days.
    private RuleValue LastDay(RuleToken first)
    {
        var sign = tokens.TakeSymbol("-") ? -1 : tokens.TakeSymbol("+") ? 1 : 0;
        var days = 0;
        if (sign != 0)
        {
            var token = tokens.Current;
            if (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out days)
                || token.Kind != RuleTokenKind.Number || days > MaximumDays)
            {
                throw tokens.Expected($"a whole number of days, 0..{MaximumDays}");
            }

            tokens.Next();
            if (!tokens.Take("days") && !tokens.Take("day"))
            {
                throw tokens.Expected("days");
            }
        }

        return new RuleValue(RuleValueKind.LastDay, first.Start, tokens.Last.End - first.Start, Days: sign * days);
    }
}
