using System.Collections.Concurrent;
using System.Globalization;

namespace Engine.Server.Tasks;

/// <summary>
/// Snapshots that this node of a cluster could not use for a task: its copy is damaged, or its memory too small. It
/// leaves their tasks to the other nodes for a while, then tries again. Safe for several threads.
/// </summary>
internal sealed class SnapshotFaults(TimeProvider time)
{
    /// <summary>How long it does.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<(string Workspace, string Snapshot), (DateTimeOffset Until, string Reason)>
        _known = new();

    /// <summary>Whether it still does.</summary>
    public bool IsAvoided(string workspace, string snapshot) =>
        _known.TryGetValue((workspace, snapshot), out var fault) && time.GetUtcNow() < fault.Until;

    /// <summary>It does from now on.</summary>
    public void Add(string workspace, string snapshot, string reason) =>
        _known[(workspace, snapshot)] = (time.GetUtcNow() + Pause, reason);

    /// <summary>The snapshot can be used, or no task needs it.</summary>
    public void Remove(string workspace, string snapshot) => _known.TryRemove((workspace, snapshot), out _);

    /// <summary>A sentence for each.</summary>
    public IEnumerable<string> Problems() => _known
        .OrderBy(fault => fault.Key)
        .Select(fault => string.Create(
            CultureInfo.InvariantCulture,
            $"workspace {fault.Key.Workspace}: tasks of snapshot {fault.Key.Snapshot} run without this node until "
            + $"{fault.Value.Until:HH:mm:ss} UTC: {fault.Value.Reason}"));
}

/// <summary>This node cannot use the snapshot of a task.</summary>
internal sealed class SnapshotFaultException(string message, Exception inner) : Exception(message, inner);
