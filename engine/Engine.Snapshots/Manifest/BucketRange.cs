using System.Globalization;

namespace Engine.Snapshots.Manifest;

/// <summary>Consecutive buckets of the 1,024 that users fall into by the hash of their id.</summary>
/// <param name="First">The first, 0..1,023.</param>
/// <param name="Last">The last, not below the first.</param>
public readonly record struct BucketRange(int First, int Last)
{
    /// <summary>Buckets in all. Part of the file format.</summary>
    public const int Buckets = 1024;

    /// <summary>The buckets of one shard: as many for each, one more for some.</summary>
    /// <param name="shard">0 to <paramref name="shards"/> - 1.</param>
    /// <param name="shards">1 to 1,024.</param>
    public static BucketRange OfShard(int shard, int shards) =>
        new(shard * Buckets / shards, ((shard + 1) * Buckets / shards) - 1);

    /// <summary>Whether a bucket is among them.</summary>
    public bool Contains(int bucket) => bucket >= First && bucket <= Last;

    /// <summary>Reads what <see cref="ToString"/> writes; a single number is a range of one.</summary>
    public static bool TryParse(string text, out BucketRange range)
    {
        var parts = text.Split('-');
        var isRange = int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            & int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        range = new BucketRange(first, last);
        return isRange && parts.Length <= 2 && first <= last && last < Buckets;
    }

    /// <summary>For instance "342-682".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
