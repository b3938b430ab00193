using System.Globalization;
using System.Text;
using Engine.Datasets.Behaviors;

namespace Trainer.Data.Reading;

/// <summary>
/// Finds ids that differ in what programs change and people overlook: spaces at the ends, leading zeros, a <c>.0</c>.
/// </summary>
internal static class AlikeIds
{
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
                $"{count:N0} ids of {what} differ from another one only in spaces at their ends, leading zeros or a "
                + $"'.0': '{ids[first]}' and '{Plain(ids[first])}' count as two. If they are one, correct the ids and "
                + $"train again.");
        }
    }

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
        return text.Length == id.Length ? id : text.ToString();
    }

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
