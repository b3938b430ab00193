using System.ComponentModel.DataAnnotations;

namespace Engine.Server.Configuration;

/// <summary>Bounds of the work that callers can cause, each refused by name before the work is done.</summary>
internal sealed class CallLimits
{
    [Range(1_000, 100_000_000)]
    [Setting("Ids and other elements of all lists of one request.")]
    public int RequestElements { get; set; } = 2_000_000;

    [Range(1, 1_024)]
    [Setting("MiB of one request message of a call that takes no long lists.")]
    public int SmallRequestMebibytes { get; set; } = 4;

    [Range(10_000, 1_000_000_000)]
    [Setting("Users x top_k of one BatchRecommend message.")]
    public int BatchRows { get; set; } = 10_000_000;

    [Range(1, 1_024)]
    [Setting("Low-priority threads that run heavy calls.", Default = "one less than cores")]
    public int HeavyThreads { get; set; } = Math.Max(1, Environment.ProcessorCount - 1);

    [Range(1, 100_000)]
    [Setting("Heavy calls that run or wait; more are refused.")]
    public int HeavyCalls { get; set; } = 32;

    [Range(10, 1_000_000)]
    [Setting("Connections to the ports of --urls that are open at once; more are closed.")]
    public int Connections { get; set; } = 10_000;

    [Range(1, 100_000)]
    [Setting("Streams of replies that are open at once: RankUsers, BatchRecommend, exports and downloads.")]
    public int OpenStreams { get; set; } = 64;

    [Range(10_000, 1_000_000_000)]
    [Setting("Ranked users that all open RankUsers streams hold together, 8 bytes each.")]
    public int StreamRows { get; set; } = 25_000_000;

    [Range(1, 86_400)]
    [Setting("Seconds that a client may take to read one long reply or one of a stream, or to send a stream's next "
        + "request.")]
    public int ReadSeconds { get; set; } = 60;

    [Range(1, 100_000)]
    [Setting("Tasks of a workspace that wait or run.")]
    public int QueuedTasks { get; set; } = 1_000;

    [Range(1, 1_000_000)]
    [Setting("Tasks of a workspace in any state.")]
    public int StoredTasks { get; set; } = 10_000;

    [Range(1, 1_000_000)]
    [Setting("Saved pools of a workspace.")]
    public int Pools { get; set; } = 10_000;

    [Range(1, 1_000_000)]
    [Setting("Saved audiences of a workspace.")]
    public int Audiences { get; set; } = 10_000;

    [Range(1_000, 1_000_000_000)]
    [Setting("Events since the training that a workspace holds in memory: 20 bytes each and some 50 a user, "
        + "with long ids at most 100 for each.")]
    public int Events { get; set; } = 100_000_000;

    [Range(0, 1_048_576)]
    [Setting("MiB of the log of what experiments showed in a workspace; the oldest files are deleted. 0 writes none.")]
    public int ShownMebibytes { get; set; } = 1_024;

    [Range(0, 10_000)]
    [Setting("Earlier versions that are kept of each pool, the latest ones.")]
    public int PoolVersions { get; set; } = 20;

    [Range(1, 1_048_576)]
    [Setting("MiB that the earlier versions of one pool take together; the oldest are dropped.")]
    public int PoolVersionMebibytes { get; set; } = 64;
}
