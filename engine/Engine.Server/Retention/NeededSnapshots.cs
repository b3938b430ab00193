using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Tasks;
using Engine.Snapshots;

namespace Engine.Server.Retention;

/// <summary>
/// The published snapshots that something in a workspace still names, besides CURRENT and the rollback target.
/// </summary>
internal static class NeededSnapshots
{
    // Somebody who copies a file into the folder writes its id to CURRENT a moment later.
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    /// <summary>
    /// Those of unfinished tasks and of experiments, and the one that a new snapshot is compared with.
    /// </summary>
    public static IReadOnlyList<string> Of(SnapshotDirectory directory) =>
    [
        .. directory.Passed() is { } passed ? [passed] : (string[])[],
        .. new ExperimentStore(directory.Path, new CallLimits()).SnapshotIds().Select(directory.Resolve),
        .. new TaskStore(directory.Path).Load([]).Where(task => !task.HasEnded).Select(task => task.SnapshotId),
    ];

    /// <summary>The same, and those that were put there within the last hour.</summary>
    public static IReadOnlyList<string> Of(SnapshotDirectory directory, DateTimeOffset now)
    {
        var fresh = (now - Fresh - DateTimeOffset.UnixEpoch).Ticks;
        return [.. Of(directory), .. directory.List().Where(id => directory.StampOf(id)?.Changed > fresh)];
    }
}
