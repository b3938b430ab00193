using System.Text.Json;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Access;

/// <summary>
/// The file of keys, complete or absent. One program at a time changes it; running engines read it again.
/// </summary>
/// <param name="path">Its folder is made when the first key is.</param>
internal sealed class KeyFile(string path)
{
    private const int LivePerName = 2;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>The file of a snapshot root, unless another one is named.</summary>
    public static string PathOf(string root, string named) =>
        System.IO.Path.GetFullPath(
            named.Length > 0 ? named : System.IO.Path.Combine(root, AccessFolder.Name, "keys.json"));

    /// <summary>All keys, in the order in which they were made.</summary>
    /// <exception cref="InputException">The file is damaged.</exception>
    public static IReadOnlyList<StoredKey> Parse(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            var keys = JsonSerializer.Deserialize<Content>(content, Json)?.Keys
                ?? throw new JsonException("'keys' is missing");
            if (!keys.All(IsWhole))
            {
                throw new JsonException("a key without id, name, hash, scopes or workspaces");
            }

            return keys.CountBy(key => key.Id).FirstOrDefault(id => id.Value > 1) is { Key: { } id }
                ? throw new JsonException($"more than one key has the id '{id}'")
                : keys;
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path} cannot be read as a file of keys ({e.Message}). Restore it, or delete it and make new "
                + "keys with `engine key add`",
                e);
        }
    }

    /// <summary>All keys, in the order in which they were made; none when there is no file.</summary>
    public IReadOnlyList<StoredKey> Read() =>
        PlainFile.ReadBytes(path, WatchedFile.MaximumBytes, followLink: true) is { } content
            ? Parse(path, content)
            : [];

    /// <summary>
    /// Adds a key. A third live key of one name is refused: two are enough to replace one by the other.
    /// </summary>
    public void Add(StoredKey key, DateTimeOffset now) => Change(keys =>
    {
        var live = keys.Where(known => known.Name == key.Name && known.IsLive(now)).Select(known => known.Id).ToArray();
        return live.Length < LivePerName
            ? [.. keys, key]
            : throw new InputException(
                $"'{key.Name}' has {live.Length} live keys ({string.Join(", ", live)}); "
                + $"expected at most {LivePerName}. Revoke one with `engine key revoke`");
    });

    /// <summary>Takes keys away: the one of this id, or all of this name.</summary>
    /// <returns>Those taken away.</returns>
    /// <exception cref="InputException">There is none.</exception>
    public IReadOnlyList<StoredKey> Revoke(string idOrName)
    {
        StoredKey[] gone = [];
        Change(keys =>
        {
            gone = [.. keys.Where(key => key.Id == idOrName || key.Name == idOrName)];
            return gone.Length > 0
                ? [.. keys.Except(gone)]
                : throw new InputException($"no key has the id or name '{idOrName}'. List them with `engine key list`");
        });
        return gone;
    }

    private static bool IsWhole(StoredKey? key) =>
        key is { Id.Length: > 0, Name.Length: > 0, Hash.Length: 64, Scopes: not null, Workspaces: not null }
            && !key.Scopes.Contains(null!) && !key.Workspaces.Contains(null!)
            && key.Hash.All(char.IsAsciiHexDigit);

    private void Change(Func<IReadOnlyList<StoredKey>, IReadOnlyList<StoredKey>> change)
    {
        using var turn = AccessFolder.Lock(path + ".lock");
        Leftovers.Sweep(System.IO.Path.GetDirectoryName(path)!, TimeProvider.System.GetUtcNow());
        var keys = change(Read());
        AtomicFile.WritePrivate(path, stream => JsonSerializer.Serialize(stream, new Content(keys), Json));
    }

    private sealed record Content(IReadOnlyList<StoredKey> Keys);
}
