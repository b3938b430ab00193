using Engine.Scoring.Queries;
using Engine.Server.Tasks;
using Engine.Snapshots;

namespace Engine.Tests.Server;

/// <summary>Tasks on the disk, as a server leaves them.</summary>
internal static class StoredTasks
{
    /// <summary>Stores a task that ended some hours after a fixed time, or one that waits.</summary>
    /// <param name="directory">The workspace.</param>
    /// <param name="id">Its id.</param>
    /// <param name="snapshot">The snapshot that answers.</param>
    /// <param name="ended">Hours; null for a task that waits.</param>
    /// <param name="bytes">Of what stands for its result.</param>
    /// <param name="users">Its audience; null for every user.</param>
    public static void Add(
        SnapshotDirectory directory, string id, string snapshot, int? ended, int bytes = 0, string[]? users = null)
    {
        var store = new TaskStore(directory.Path);
        var record = new TaskRecord
        {
            Id = id,
            Stage = ended is null ? TaskStage.Queued : TaskStage.Failed,
            SnapshotId = snapshot,
            Created = DateTimeOffset.UnixEpoch,
            Ended = ended is { } hours ? DateTimeOffset.UnixEpoch.AddHours(hours) : null,
            AudienceName = "",
            PoolText = "",
            TopK = 1,
            IsSingleProduct = false,
            Purchased = PurchasedPolicy.Exclude,
            Counts = new TaskCounts(0, 0, 0, 0, 0, 0, 0),
            Skipped = [],
            Notes = [],
        };
        var question = new TaskQuestion { TopK = 1, Excluded = [], Blocked = [], Purchased = record.Purchased };
        store.Create(record, question, users is null ? null : path =>
        {
            var saved = new Engine.Server.Catalog.AudienceStore(directory.Path, new());
            saved.Save("of-task", "member", "test", users);
            saved.CopyTo("of-task", path);
            saved.Delete("of-task");
        });
        File.WriteAllBytes(store.ResultPath(id), new byte[bytes]);
    }
}
