using System.Globalization;
using System.Text;
using Engine.Scoring.Ids;
using Engine.Server.Errors;
using Google.Protobuf.Collections;

namespace Engine.Server.Contract;

/// <summary>Long lists in parts: objects by their names, ids by their bytes.</summary>
internal static class Pages
{
    private const int MaximumObjects = 1_000;

    // A reply has 4 MiB; the rest of it needs some room.
    private const int IdBytes = 3 << 20;

    // The tag and the length of an id.
    private const int Overhead = 6;

    /// <summary>
    /// The objects after a token, and the token of the page after them: the length of the key of the last one, a colon,
    /// the key. That object may be gone when the token comes back; a text that is no token is known by its length.
    /// </summary>
    /// <param name="sorted">All objects.</param>
    /// <param name="key">What they are sorted by; unique.</param>
    /// <param name="descending">Whether the keys descend.</param>
    /// <param name="size">As in the request; 0 for the most.</param>
    /// <param name="token">As in the request.</param>
    /// <exception cref="FieldException">The token is none.</exception>
    public static (IReadOnlyList<T> Page, string Next) Of<T>(
        IEnumerable<T> sorted, Func<T, string> key, bool descending, int size, string token)
    {
        Require.Between("page_size", size, 0, MaximumObjects);
        var most = RequestFields.OrDefault(size, MaximumObjects);
        var after = token[(token.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (token.Length > 0 && token != Token(after))
        {
            throw NoToken(token);
        }

        var page = sorted
            .Where(
                one => token.Length == 0
                    || string.CompareOrdinal(key(one), after) is var order && (descending ? order < 0 : order > 0))
            .Take(most + 1)
            .ToList();
        if (page.Count <= most)
        {
            return (page, "");
        }

        page.RemoveAt(most);
        return (page, Token(key(page[^1])));
    }

    /// <summary>
    /// Adds ids from a token on, and returns the token of the next part: the version of the list, a colon, the place
    /// of its first id.
    /// </summary>
    /// <exception cref="FieldException">
    /// The token is none of this list, or of another version: parts of two versions are no list.
    /// </exception>
    public static string Fill(RepeatedField<string> target, IReadOnlyList<string> ids, long version, string token)
    {
        var next = token.Length == 0 ? 0 : PlaceOf(token, version, ids.Count);
        for (var bytes = 0; next < ids.Count; next++)
        {
            bytes += Encoding.UTF8.GetByteCount(ids[next]) + Overhead;
            if (bytes > IdBytes && target.Count > 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{version}:{next}");
            }

            target.Add(ids[next]);
        }

        return "";
    }

    private static int PlaceOf(string token, long version, int count)
    {
        var colon = Math.Max(0, token.IndexOf(':', StringComparison.Ordinal));
        if (!long.TryParse(token[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var read)
            || !int.TryParse(token[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            || (read == version && place >= count))
        {
            throw NoToken(token);
        }

        return read == version ? place : throw new FieldException(
            "page_token",
            $"found page_token = '{token}' of version {read}; the list has version {version} by now. "
            + "Begin again without a page_token");
    }

    private static string Token(string key) => string.Create(CultureInfo.InvariantCulture, $"{key.Length}:{key}");

    private static FieldException NoToken(string token) => new(
        "page_token", $"found page_token = '{token}', expected the next_page_token of the previous reply, or none");
}
