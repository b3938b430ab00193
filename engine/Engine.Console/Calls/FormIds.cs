namespace Engine.WebConsole.Calls;

/// <summary>Lists of ids and values that people enter in one field.</summary>
internal static class FormIds
{
    private static readonly char[] Separators = [',', ' ', '\n', '\r', ';'];

    /// <summary>Ids, separated by commas, semicolons, spaces or lines.</summary>
    public static string[] Of(string text) => text.Split(Separators, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Values, separated by commas; one with a comma stands between double quotes.</summary>
    public static IReadOnlyList<string> Values(string text)
    {
        var values = new List<string>();
        var (start, isQuoted) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (isQuoted || text[i] != ','))
            {
                isQuoted ^= text[i] == '"';
                continue;
            }

            var value = text[start..i].Trim();
            start = i + 1;
            value = value is ['"', .. var inner, '"'] ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : value;
            if (value.Length > 0)
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>The values in one field again.</summary>
    public static string Text(IEnumerable<string> values) => string.Join(
        ", ",
        values.Select(value => value.AsSpan().IndexOfAny(',', '"') < 0
            ? value
            : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
}
