using System.Globalization;

namespace Engine.Datasets.Behaviors;

/// <summary>
/// Reads numbers as tables write them: plain, with thousands separators in groups of three, with a currency sign or
/// name before or behind. The decimal sign is a point, or a comma where the table says so.
/// </summary>
internal static class NumberText
{
    private const int MostCharacters = 64;

    private static readonly string[] Currencies =
        ["US$", "HK$", "NT$", "RMB", "CNY", "USD", "EUR", "GBP", "JPY", "人民币", "元", "円"];

    /// <summary>Whether the text is a finite number.</summary>
    public static bool IsNumber(string text) => TryParse(text, decimalComma: false, out double _);

    /// <summary>Whether the text is a finite number whose decimal sign, if any, is a comma.</summary>
    public static bool IsCommaNumber(string text) => TryParse(text, decimalComma: true, out double _);

    /// <summary>Reads a finite number.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, bool decimalComma, out double value)
    {
        if (decimalComma || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            Span<char> plain = stackalloc char[MostCharacters];
            value = double.NaN;
            return Normalize(text, decimalComma, plain) is var length and > 0
                && double.TryParse(plain[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value)
                    && double.IsFinite(value);
        }

        return double.IsFinite(value);
    }

    /// <summary>Reads a number with all its digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, bool decimalComma, out decimal value)
    {
        if (!decimalComma && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        Span<char> plain = stackalloc char[MostCharacters];
        value = 0;
        return Normalize(text, decimalComma, plain) is var length and > 0
            && decimal.TryParse(plain[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Writes the number in invariant form. Returns its length, 0 when the text is not a number.</summary>
    private static int Normalize(ReadOnlySpan<char> text, bool decimalComma, Span<char> plain)
    {
        text = text.Trim();
        if (text.Length >= MostCharacters)
        {
            return 0;
        }

        var negative = TakeSign(ref text);
        text = WithoutCurrency(text);
        negative |= TakeSign(ref text);
        var point = text.IndexOf(decimalComma ? ',' : '.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? default : text[(point + 1)..];
        if ((whole.IsEmpty && fraction.IsEmpty) || !AreDigits(fraction))
        {
            return 0;
        }

        plain[0] = negative ? '-' : '0';
        var length = 1;
        var group = whole.IndexOfAny(decimalComma ? "." : ",", " '\u00A0\u202F") is var found && found >= 0
            ? whole[found]
            : '\0';
        var (before, first) = (0, true);
        foreach (var c in whole)
        {
            if (char.IsAsciiDigit(c))
            {
                plain[length++] = c;
                before++;
                continue;
            }

            // 0,250 has no thousands: it is a quarter.
            if (c != group || before == 0 || before > 3 || (!first && before != 3) || whole[0] == '0')
            {
                return 0;
            }

            (before, first) = (0, false);
        }

        if (!first && before != 3)
        {
            return 0;
        }

        if (!fraction.IsEmpty)
        {
            plain[length++] = '.';
            fraction.CopyTo(plain[length..]);
            length += fraction.Length;
        }

        return length > 1 ? length : 0;
    }

    private static int IndexOfAny(this ReadOnlySpan<char> text, string one, string others)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (one.Contains(text[i], StringComparison.Ordinal) || others.Contains(text[i], StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool TakeSign(ref ReadOnlySpan<char> text)
    {
        var negative = text is ['-' or '\u2212', ..];
        text = negative || text is ['+', ..] ? text[1..].TrimStart() : text;
        return negative;
    }

    private static ReadOnlySpan<char> WithoutCurrency(ReadOnlySpan<char> text)
    {
        foreach (var word in Currencies)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return text[word.Length..].TrimStart();
            }

            if (text.EndsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return text[..^word.Length].TrimEnd();
            }
        }

        return !text.IsEmpty
            && char.GetUnicodeCategory(text[0]) == UnicodeCategory.CurrencySymbol ? text[1..].TrimStart()
            : !text.IsEmpty
                && char.GetUnicodeCategory(text[^1]) == UnicodeCategory.CurrencySymbol ? text[..^1].TrimEnd()
            : text;
    }
}
