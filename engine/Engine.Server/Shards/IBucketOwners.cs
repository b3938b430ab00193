using Engine.Snapshots.Manifest;

namespace Engine.Server.Shards;

/// <summary>Who serves which buckets: a file says it, or the members of a cluster.</summary>
internal interface IBucketOwners
{
    /// <summary>
    /// The engines that serve all of some buckets, the one to ask first being first; empty when there is none. It may
    /// differ from call to call.
    /// </summary>
    IReadOnlyList<Uri> Of(BucketRange buckets);
}
