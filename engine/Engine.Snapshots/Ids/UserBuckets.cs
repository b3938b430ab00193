using System.Text;

namespace Engine.Snapshots.Ids;

/// <summary>
/// Which of the 1,024 buckets a user falls into, by the hash of the id. Part of the file format: a user's bucket never
/// changes, whatever the snapshot or the number of shards.
/// </summary>
public static class UserBuckets
{
    // The upper bits: an id table places ids by the lower ones, which must stay spread within a bucket.
    private const int Shift = 54;

    /// <summary>The bucket of a UTF-8 id, 0..1,023.</summary>
    public static int Of(ReadOnlySpan<byte> id) => (int)(IdHash.Compute(id) >> Shift);

    /// <summary>The bucket of an id, 0..1,023.</summary>
    public static int Of(string id) => Of(Encoding.UTF8.GetBytes(id));
}
