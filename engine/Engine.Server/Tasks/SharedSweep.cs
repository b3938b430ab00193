using Engine.Cluster.Parts;
using Engine.Server.Batch;
using Engine.Server.Holdouts;

namespace Engine.Server.Tasks;

/// <summary>
/// Deletes what nodes of a cluster that were killed or paused have left of the tasks of a workspace, on any node beside
/// the others: hidden folders and temporary files, files of parts that no claim will commit any more, and rows of tasks
/// that were deleted.
/// </summary>
/// <param name="store">The tasks in the shared folder.</param>
/// <param name="shared">Their rows.</param>
/// <param name="now">The time.</param>
internal sealed class SharedSweep(TaskStore store, ClusterTasks shared, DateTimeOffset now)
{
    // A node may see the new folder of another one late.
    private static readonly TimeSpan RowAge = TimeSpan.FromHours(1);

    /// <summary>Does it once.</summary>
    /// <returns>What was deleted.</returns>
    /// <exception cref="Engine.Snapshots.Writing.StorageException">The database does not answer.</exception>
    public IReadOnlyList<string> Run() =>
        store.IsUsed ? [.. store.Sweep(now), .. store.Ids().ToArray().SelectMany(Files), .. Rows()] : [];

    private IEnumerable<string> Files(string id)
    {
        var result = store.ResultPath(id);
        string?[] deleted =
        [
            .. Parts(result, id, ""),
            .. Parts(HoldoutRecord.FileOf(result), id, HoldoutRecord.Group),
            store.SweepEmpty(id, now),
        ];
        return deleted.OfType<string>();
    }

    private IReadOnlyList<string> Parts(string path, string id, string group) =>
        SharedParts.Of(path).Sweep(() => shared.Of(id, group).Claims(), now);

    private IEnumerable<string> Rows()
    {
        var old = TaskRecord.NewId(now - RowAge);
        foreach (var id in shared.Known().Where(id => string.CompareOrdinal(id, old) < 0 && !store.Exists(id)))
        {
            shared.Forget(id);
            yield return $"the rows of task {id}";
        }
    }
}
