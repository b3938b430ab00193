using System.Globalization;
using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// Which users of a larger snapshot a file holds: those of some buckets. Products, figures and terms are those of the
/// whole snapshot.
/// </summary>
/// <param name="SetId">The id of the whole snapshot; files with the same one belong together.</param>
/// <param name="Shard">0 to <paramref name="Shards"/> - 1.</param>
/// <param name="Shards">Files of the set, 2..1,024.</param>
/// <param name="FirstBucket">The first bucket of the file.</param>
/// <param name="LastBucket">The last bucket of the file.</param>
/// <param name="SetUsers">Users of the whole snapshot.</param>
[MessagePackObject]
public sealed record ShardTerms(
    [property: Key("set")] string SetId,
    [property: Key("shard")] int Shard,
    [property: Key("shards")] int Shards,
    [property: Key("first_bucket")] int FirstBucket,
    [property: Key("last_bucket")] int LastBucket,
    [property: Key("set_users")] int SetUsers)
{
    /// <summary>The terms of one shard of a snapshot.</summary>
    public static ShardTerms Of(string setId, int shard, int shards, int setUsers)
    {
        var buckets = BucketRange.OfShard(shard, shards);
        return new(setId, shard, shards, buckets.First, buckets.Last, setUsers);
    }

    /// <summary>The buckets whose users the file holds, all of them.</summary>
    [IgnoreMember]
    public BucketRange Buckets => new(FirstBucket, LastBucket);

    /// <summary>The id of this file: that of the set, and which of how many shards.</summary>
    [IgnoreMember]
    public string Id => IdOf(Shard);

    /// <summary>Whether the numbers fit each other.</summary>
    [IgnoreMember]
    public bool IsSound => SetId is { Length: > 0 } && Shards is >= 2 and <= BucketRange.Buckets
        && Shard >= 0 && Shard < Shards && SetUsers >= 0 && Buckets == BucketRange.OfShard(Shard, Shards);

    /// <summary>Whether an id is that of a shard of a snapshot.</summary>
    public static bool IsShardOf(string id, string setId) =>
        id.StartsWith(setId + "-", StringComparison.Ordinal)
        && id[(setId.Length + 1)..].Split("of") is [var shard, var shards]
        && int.TryParse(shard, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        && int.TryParse(shards, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The id of another file of the set.</summary>
    public string IdOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"{SetId}-{shard}of{Shards}");
}
