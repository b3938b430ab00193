using System.Globalization;
using System.Text;

namespace Engine.Server.Errors;

/// <summary>Text for a terminal or a log: one line, whatever somebody put into an id.</summary>
internal static class Printable
{
    /// <summary>The text with control characters, line separators and direction marks as \uXXXX.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsUnsafe))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            _ = IsUnsafe(letter)
                ? safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}")
                : safe.Append(letter);
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Format;
}
