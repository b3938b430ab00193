using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Snapshots.Files;
using Engine.Snapshots.Manifest;

namespace Engine.Server.Shards;

/// <summary>The owners of buckets by a JSON file: a list of engines, each with its address and its buckets.</summary>
internal sealed class OwnersFile : IBucketOwners
{
    private const int MaximumBytes = 1 << 20;

    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    }.Whole();

    private readonly IReadOnlyList<(Uri Address, BucketRange Buckets)> _engines;

    // Of each shard by itself: with one count for all, a call to every shard would find each at the same owner again.
    private readonly ConcurrentDictionary<BucketRange, int> _calls = new();

    private OwnersFile(IReadOnlyList<(Uri Address, BucketRange Buckets)> engines) => _engines = engines;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InputException">It cannot be read, an entry is wrong, or a bucket has no owner.</exception>
    public static OwnersFile Read(string path)
    {
        var text = PlainFile.ReadText(path, MaximumBytes)
            ?? throw new InputException($"{path} does not exist; expected a list of engines and their buckets");
        try
        {
            var engines = (JsonSerializer.Deserialize<Document>(text, Options)?.Engines ?? [])
                .Select(entry => Parse(path, entry)).ToArray();
            for (var bucket = 0; bucket < BucketRange.Buckets; bucket++)
            {
                if (!Array.Exists(engines, engine => engine.Buckets.Contains(bucket)))
                {
                    throw new InputException($"{path}: bucket {bucket} has no owner; expected an owner of each bucket");
                }
            }

            return new OwnersFile(engines);
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{path}: {e.Message} Expected {{\"engines\": [{{\"address\": \"http://HOST:PORT\", "
                + "\"buckets\": \"0-511\"}]}",
                e);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Uri> Of(BucketRange buckets)
    {
        var owners = _engines
            .Where(engine => engine.Buckets.Contains(buckets.First) && engine.Buckets.Contains(buckets.Last))
            .Select(engine => engine.Address)
            .ToArray();
        // In turn, so that the owners of a bucket share its calls.
        var first = owners.Length < 2
            ? 0
            : (int)((uint)_calls.AddOrUpdate(buckets, 0, (_, calls) => calls + 1) % (uint)owners.Length);
        return [.. owners[first..], .. owners[..first]];
    }

    private static (Uri Address, BucketRange Buckets) Parse(string path, Entry entry) =>
        !Uri.TryCreate(entry.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            ? throw new InputException(
                $"{path}: found address '{entry.Address}'; expected http://HOST:PORT or https://HOST:PORT of a gRPC "
                + "endpoint")
        : !BucketRange.TryParse(entry.Buckets, out var buckets)
            ? throw new InputException(
                $"{path}: found buckets '{entry.Buckets}'; expected FIRST-LAST, 0 to {BucketRange.Buckets - 1}")
        : (address, buckets);

    private sealed record Document(Entry[] Engines);

    private sealed record Entry(string Address, string Buckets);
}
