using System.Globalization;
using System.Text;

namespace Engine;

/// <summary>Text for a terminal or a log: one line, whatever somebody put into an id.</summary>
public static class Printable
{
    private const int LastOfOneUnit = 0xFFFF;

    /// <summary>The text with control characters, line separators and direction marks as \uXXXX.</summary>
    public static string Of(string text)
    {
        if (!text.EnumerateRunes().Any(IsUnsafe))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var letter in text.EnumerateRunes())
        {
            _ = !IsUnsafe(letter) ? safe.Append(letter.ToString())
                : letter.Value <= LastOfOneUnit ? safe.Append(CultureInfo.InvariantCulture, $"\\u{letter.Value:X4}")
                : safe.Append(CultureInfo.InvariantCulture, $"\\U{letter.Value:X8}");
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(Rune letter) => Rune.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Format;
}
