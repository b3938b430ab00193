namespace Engine.Server.Shards;

/// <summary>The events_version of a reply that several engines made: each counts the events of its own log.</summary>
internal static class ShardVersions
{
    /// <summary>No one version is right for all of them. No request may name it.</summary>
    public const long Several = -1;

    /// <summary>The version that all have, or <see cref="Several"/>.</summary>
    public static long Of(IEnumerable<long> versions) => versions.Distinct().ToArray() is [var one] ? one : Several;
}
