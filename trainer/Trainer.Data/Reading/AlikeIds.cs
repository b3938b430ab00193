using System.Globalization;
using System.Text;
using Engine.Datasets.Behaviors;

namespace Trainer.Data.Reading;

/// <summary>
/// Finds ids that differ in what programs change and people overlook: spaces at the ends, leading zeros, a <c>.0</c>,
/// marks that cannot be seen, wide letters, upper and lower case; and those that a spreadsheet rounded.
/// </summary>
internal static class AlikeIds
{
    // Ids of random letters come in both cases by chance.
    private const int OftenInBothCases = 100;

    /// <summary>Says how many ids of a table are another one in such a form.</summary>
    /// <param name="what">Users or products.</param>
    /// <param name="ids">Their ids.</param>
    public static IEnumerable<string> Warn(string what, IdTable ids)
    {
        var (count, first) = (0L, -1);
        for (var i = 0; i < ids.Count; i++)
        {
            if (Plain(ids[i]) is var plain && plain != ids[i] && ids.Find(plain) >= 0)
            {
                first = count++ == 0 ? i : first;
            }
        }

        if (count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{count:N0} ids of {what} differ from another one only in spaces at their ends, leading zeros, a "
                + $"'.0', wide letters or marks that cannot be seen: '{Visible(ids[first])}' and '{Plain(ids[first])}' "
                + $"count as two. If they are one, correct the ids and train again.");
        }

        foreach (var warning in WarnOfCase(what, ids).Concat(WarnOfRounding(what, ids)))
        {
            yield return warning;
        }
    }

    private static IEnumerable<string> WarnOfCase(string what, IdTable ids)
    {
        var (count, first, other) = (0L, -1, -1);
        var changed = Array.Empty<char>();
        for (var i = 0; i < ids.Count; i++)
        {
            var id = ids[i].AsSpan();
            changed = changed.Length < id.Length ? new char[id.Length * 2] : changed;
            var there = id.ToLowerInvariant(changed) is var length && !id.SequenceEqual(changed.AsSpan(0, length))
                ? ids.Find(changed.AsSpan(0, length))
                : -1;
            if (there >= 0)
            {
                (first, other) = count++ == 0 ? (i, there) : (first, other);
            }
        }

        if (count * OftenInBothCases >= ids.Count && count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{count:N0} ids of {what} differ from another one only in upper and lower case: '{ids[first]}' and "
                + $"'{ids[other]}' count as two. If they are one, correct the ids and train again.");
        }
    }

    private static IEnumerable<string> WarnOfRounding(string what, IdTable ids)
    {
        var (count, first) = (0L, -1);
        for (var i = 0; i < ids.Count; i++)
        {
            if (IsRounded(ids[i]))
            {
                first = count++ == 0 ? i : first;
            }
        }

        if (count > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{count:N0} ids of {what} are rounded numbers, such as '{ids[first]}': several ids may have become "
                + $"one. Write the table again with ids as text, not through a spreadsheet.");
        }
    }

    /// <summary>1.23457E+12</summary>
    private static bool IsRounded(ReadOnlySpan<char> id) =>
        id.IndexOf("E+", StringComparison.OrdinalIgnoreCase) is > 0 and var at && char.IsAsciiDigit(id[0])
        && decimal.TryParse(id[..at], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
        && id[(at + 2)..] is { Length: 1 or 2 } power && power.IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>
    /// The first of some ids that is among others in another form, with that form. Here upper and lower case are one,
    /// and so are letters with accents in one character or in two.
    /// </summary>
    public static (string Id, string Other)? Find(IReadOnlyList<string> ids, IdTable others)
    {
        var plain = ids.Select(Plain).ToArray();
        for (var i = 0; i < others.Count; i++)
        {
            var other = Plain(others[i]);
            var found = Array.FindIndex(plain, id => id.Equals(other, StringComparison.OrdinalIgnoreCase)
                || (HasMark(id) != HasMark(other) && WithoutAccents(id) == WithoutAccents(other)));
            if (found >= 0)
            {
                return (ids[found], others[i]);
            }
        }

        return null;
    }

    /// <summary>The form that most tables have; the same text when it is that already.</summary>
    private static string Plain(string id)
    {
        var text = id.AsSpan().Trim();
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits > 0 && text.Length == digits + 2 && text.EndsWith(".0"))
        {
            text = text[..digits];
            digits = -1;
        }

        text = digits < 0 ? text.TrimStart('0') : text;
        return Ascii.IsValid(text) && !text.ContainsAnyInRange('\0', '\x1F')
            ? text.Length == id.Length ? id : text.ToString()
            : string.Concat(text.ToString().Where(letter => !IsHidden(letter)).Select(Narrow));
    }

    private static string Visible(string id) => string.Concat(
        id.Select(letter => IsHidden(letter) ? $"\\u{(int)letter:X4}" : letter.ToString()));

    private static bool IsHidden(char letter) =>
        char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.Control;

    // East Asian keyboards type wide forms of the letters of ASCII.
    private static char Narrow(char letter) => letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter;

    private static bool HasMark(string id) => !Ascii.IsValid(id) && id.Any(IsMark);

    private static bool IsMark(char letter) => char.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark;

    // Programs run without the tables of Unicode's forms: a letter with an accent is any letter with an accent.
    private static string WithoutAccents(string id)
    {
        var text = new StringBuilder(id.Length);
        foreach (var letter in id)
        {
            var isMark = IsMark(letter);
            text.Length -= isMark && text.Length > 0 ? 1 : 0;
            var isAny = isMark || letter is (>= '\u00C0' and <= '\u024F') or (>= '\u1E00' and <= '\u1EFF');
            text.Append(isAny ? '?' : letter);
        }

        return text.ToString();
    }
}
