using Engine.Cluster.Parts;
using Engine.Server.Audit;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Tasks;
using Engine.Snapshots;

namespace Engine.Server.Retention;

/// <summary>What is beyond the retention settings in one workspace, and its deletion.</summary>
/// <param name="Tasks">Ended tasks.</param>
/// <param name="Snapshots">Published snapshots that nothing needs.</param>
internal sealed record WorkspaceSweep(IReadOnlyList<string> Tasks, IReadOnlyList<string> Snapshots)
{
    private ClusterTasks? Shared { get; init; }

    /// <summary>What is to be deleted now.</summary>
    /// <param name="directory">The workspace.</param>
    /// <param name="options">How much is kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="served">The snapshot that this process serves; null for none.</param>
    /// <param name="shared">
    /// The tasks that all nodes of a cluster run together; null outside the cluster, where they are left alone.
    /// </param>
    public static WorkspaceSweep Plan(
        SnapshotDirectory directory,
        RetentionOptions options,
        DateTimeOffset now,
        string? served = null,
        ClusterTasks? shared = null) => new(
            shared is null && ClusterTasks.FindPlace(directory.Path) is not null
                ? []
                : ExcessTasks(new TaskStore(directory.Path), options),
            ExcessSnapshots(directory, options, now, served))
        {
            Shared = shared,
        };

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => Tasks.Count == 0 && Snapshots.Count == 0;

    /// <summary>In words.</summary>
    public override string ToString() => string.Join(", ", [
        .. Tasks.Select(id => $"task {id}"), .. Snapshots.Select(id => $"snapshot {id}")]);

    /// <summary>Deletes it, between two lines of the audit log.</summary>
    /// <param name="root">The snapshot root.</param>
    /// <param name="directory">The workspace.</param>
    /// <param name="who">Who does it; null for the user of the command line.</param>
    /// <exception cref="AuditException">The log cannot be written; nothing was deleted.</exception>
    public void Apply(string root, SnapshotDirectory directory, string? who = null) => CommandAudit.Run(
        root,
        "sweep",
        directory.Workspace,
        ToString(),
        () => $"{directory.List().Count} snapshots",
        () => Delete(directory),
        who);

    private bool Delete(SnapshotDirectory directory)
    {
        var store = new TaskStore(directory.Path);
        foreach (var id in Tasks)
        {
            try
            {
                store.Delete(id);
                Shared?.Forget(id);
            }
            catch (NotFoundException)
            {
                // Another process was faster.
            }
        }

        // CURRENT may have moved since the plan, and a task may need one of them by now.
        return Snapshots.Count > 0 && directory.Prune(Snapshots, () => NeededSnapshots.Of(directory)).Count > 0;
    }

    private static IReadOnlyList<string> ExcessSnapshots(
        SnapshotDirectory directory, RetentionOptions options, DateTimeOffset now, string? served) =>
        options.KeptSnapshots == 0 && options.KeptSnapshotMebibytes == 0
            ? []
            : directory.Excess(
                RetentionOptions.Count(options.KeptSnapshots),
                RetentionOptions.Bytes(options.KeptSnapshotMebibytes),
                [.. NeededSnapshots.Of(directory, now), served ?? ""]);

    private static List<string> ExcessTasks(TaskStore store, RetentionOptions options)
    {
        if (options.KeptTasks == 0 && options.KeptTaskMebibytes == 0)
        {
            return [];
        }

        var (count, bytes, excess) = (0, 0L, new List<string>());
        foreach (var task in store.Load([]).Where(task => task.HasEnded).OrderByDescending(task => task.Ended))
        {
            count++;
            bytes += store.BytesOf(task.Id);
            if (count > RetentionOptions.Count(options.KeptTasks)
                || bytes > RetentionOptions.Bytes(options.KeptTaskMebibytes))
            {
                excess.Add(task.Id);
            }
        }

        return excess;
    }
}
