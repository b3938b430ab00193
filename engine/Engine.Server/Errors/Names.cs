namespace Engine.Server.Errors;

/// <summary>Lists of names in error texts.</summary>
internal static class Names
{
    private const int Shown = 10;

    /// <summary>The first names, how many more there are, or "none".</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names as IReadOnlyCollection<string> ?? [.. names];
        return all.Count == 0
            ? "none"
            : string.Join(", ", all.Take(Shown)) + (all.Count > Shown ? $" and {all.Count - Shown} more" : "");
    }

    /// <summary>The known name that a mistyped one is nearest to; null when none is near.</summary>
    public static string? Nearest(string found, IEnumerable<string> known)
    {
        var best = known.Select(name => (Name: name, Edits: Edits(Plain(found), Plain(name)))).DefaultIfEmpty()
            .MinBy(pair => pair.Edits);
        return best.Name is { } nearest && best.Edits <= Math.Max(2, nearest.Length / 3) ? nearest : null;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    // Levenshtein's distance, one row at a time.
    private static int Edits(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
