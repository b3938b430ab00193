using Engine.Kernels;
using Engine.Snapshots.Manifest;

namespace Engine.Snapshots;

/// <summary>A question is about users whose buckets are not served here, or nowhere.</summary>
public sealed class MissingBucketsException : InputException
{
    /// <summary>With a message of its own.</summary>
    public MissingBucketsException(string message, IReadOnlyList<BucketRange> buckets)
        : base(message) => Buckets = buckets;

    /// <summary>The buckets.</summary>
    public IReadOnlyList<BucketRange> Buckets { get; }

    /// <summary>A user of another shard.</summary>
    internal static MissingBucketsException OfUser(string user, int bucket, BucketRange served) => new(
        InvariantText.Of(
            $"user '{user}' is in bucket {bucket}, and this engine serves the buckets {served}. "
            + $"Ask an owner of the bucket, or an engine that knows the owners (serve --owners)"),
        [new BucketRange(bucket, bucket)]);

    /// <summary>A question about all users that one shard cannot answer.</summary>
    internal static MissingBucketsException OfOthers(BucketRange served)
    {
        var missing = Others(served);
        return new(
            $"buckets {string.Join(" and ", missing)} are missing: this engine serves the buckets {served}. Ask an "
            + "engine that knows the owners (serve --owners), or set allow_partial to get an answer without them",
            missing);
    }

    /// <summary>A task over all users that one shard cannot run.</summary>
    public static MissingBucketsException OfTask(ShardTerms shard)
    {
        var missing = Others(shard.Buckets);
        return new(
            $"buckets {string.Join(" and ", missing)} are missing: this engine serves the buckets {shard.Buckets}, and "
            + $"no task runs over several shards. Give snapshot_id {shard.Id} for a task about the users of this shard "
            + "alone, and create one at an owner of each other shard",
            missing);
    }

    /// <summary>The buckets that are not among some.</summary>
    internal static IReadOnlyList<BucketRange> Others(BucketRange served) =>
        [.. new[] { new BucketRange(0, served.First - 1), new BucketRange(served.Last + 1, BucketRange.Buckets - 1) }
            .Where(range => range.First <= range.Last)];
}
