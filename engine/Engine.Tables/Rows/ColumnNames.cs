using System.Globalization;
using System.Text;

namespace Engine.Tables.Rows;

/// <summary>Names of columns in messages, and the one that was probably meant.</summary>
internal static class ColumnNames
{
    private const int MostNames = 100;
    private const int MostCharacters = 100;

    /// <summary>The names, each and all cut where they get long, with what cannot be seen as \uXXXX.</summary>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostNames).Select(name =>
            name.Length <= MostCharacters ? Visible(name) : $"{Visible(name[..MostCharacters])}..."))
        + (names.Count <= MostNames
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" and {names.Count - MostNames} more"));

    /// <summary>
    /// The column that differs from a name only in what a person overlooks: upper and lower case, spaces, hyphens,
    /// underscores, wide letters, marks that cannot be seen. Null when there is none, or more than one.
    /// </summary>
    public static string? Meant(IEnumerable<string> names, string wanted)
    {
        var plain = Plain(wanted);
        var alike = names.Where(name => Plain(name) == plain).Take(2).ToArray();
        return plain.Length > 0 && alike is [var one] ? one : null;
    }

    /// <summary>A name with spaces at its ends and what cannot be seen as \uXXXX.</summary>
    public static string Visible(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var isEnd = i == 0 || i == name.Length - 1;
            _ = IsHidden(name[i]) || (char.IsWhiteSpace(name[i]) && (isEnd || name[i] != ' '))
                ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)name[i]:X4}")
                : text.Append(name[i]);
        }

        return text.ToString();
    }

    private static string Plain(string name) => string.Concat(name.Select(Narrow).Where(letter =>
        !IsHidden(letter) && !char.IsWhiteSpace(letter) && letter is not ('_' or '-' or '.'))).ToUpperInvariant();

    // East Asian keyboards type wide forms of the letters of ASCII.
    private static char Narrow(char letter) => letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter;

    private static bool IsHidden(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
}
