using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;

namespace Engine.Snapshots;

/// <summary>
/// The ordinals that users of shards have in the whole snapshot: descending norm of the factors, ties by the bytes of
/// the id. That is the order in which the trainer publishes users, so shards that were made one by one have the places
/// of those that were cut from one file.
/// </summary>
public static class ShardPlaces
{
    /// <summary>An id for a set of shards: of their day, horizon and content.</summary>
    public static string SetIdOf(IReadOnlyList<Snapshot> shards)
    {
        var crc = 0u;
        foreach (var shard in shards)
        {
            crc = Crc32C.Append(crc, BitConverter.GetBytes(shard.ContentCrc));
        }

        return SnapshotId.Of(shards[0].Manifest.Scope, crc);
    }

    /// <summary>The places by shard and user.</summary>
    /// <param name="shards">Their users in this order each.</param>
    public static int[][] Of(IReadOnlyList<Snapshot> shards)
    {
        var places = shards.Select(shard => new int[shard.Manifest.UserCount]).ToArray();
        var next = new PriorityQueue<int, Head>(Comparer<Head>.Create(Compare));
        var used = new int[shards.Count];
        for (var shard = 0; shard < shards.Count; shard++)
        {
            Enqueue(shard);
        }

        for (var place = 0; next.TryDequeue(out var shard, out _); place++)
        {
            places[shard][used[shard]++] = place;
            Enqueue(shard);
        }

        return places;

        void Enqueue(int shard)
        {
            var (snapshot, user) = (shards[shard], used[shard]);
            if (user < places[shard].Length)
            {
                var factors = snapshot.UserFactors[user][..snapshot.Manifest.FactorCount];
                next.Enqueue(shard, new Head(snapshot, user, FactorContent.SquaredNorm(factors)));
            }
        }
    }

    private static int Compare(Head a, Head b) => a.Norm != b.Norm
        ? b.Norm.CompareTo(a.Norm)
        : a.Snapshot.UserIds.Utf8(a.User).SequenceCompareTo(b.Snapshot.UserIds.Utf8(b.User));

    private readonly record struct Head(Snapshot Snapshot, int User, double Norm);
}
