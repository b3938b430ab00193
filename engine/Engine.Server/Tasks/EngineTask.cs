using System.Diagnostics.CodeAnalysis;
using Engine.Cluster.Parts;
using Engine.Scoring.Hosting;
using Engine.Server.Batch;
using Engine.Server.Events;
using Engine.Server.Workspaces;
using Engine.Snapshots.Writing;

namespace Engine.Server.Tasks;

/// <summary>A task in memory: its record, its pinned snapshot, its progress and its cancellation.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "The source of cancellation has no timer and no handle; Release disposes the pin.")]
internal sealed class EngineTask(TaskStore store, Workspace workspace, TaskRecord record, ModelPin? pin)
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private volatile TaskRecord _record = record;
    private volatile ProgressBox? _progress;
    private ModelPin? _pin = pin;
    private long _written;

    /// <summary>The tasks that it belongs to.</summary>
    public TaskStore Store { get; } = store;

    /// <summary>The events of its workspace.</summary>
    public EventStore Events => workspace.Catalog.Events;

    /// <summary>The name of its workspace.</summary>
    public string Workspace => workspace.Name;

    /// <summary>What the nodes of a cluster run together; null where this process runs its tasks alone.</summary>
    public ClusterTasks? Shared => workspace.SharedTasks;

    /// <summary>Fetches its snapshot from the other nodes of the cluster.</summary>
    public void FetchSnapshot() => workspace.Fetch(Record.SnapshotId);

    /// <summary>As stored.</summary>
    public TaskRecord Record => _record;

    /// <summary>Its progress; null before the first part.</summary>
    public BatchProgress? Progress => _progress?.Value;

    /// <summary>Rows sent to its table so far.</summary>
    public long Written { get => Volatile.Read(ref _written); set => Volatile.Write(ref _written, value); }

    /// <summary>Completes when the task is finished in this process.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Set by <see cref="Cancel"/>.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>
    /// Its snapshot: pinned since its creation, unless too many replaced ones were in use while it waited; then, and
    /// after a restart, from now on.
    /// </summary>
    public ModelPin Pin() => _pin ??= workspace.Pin(Record.SnapshotId);

    /// <summary>While it waits it gives its snapshot up when too many replaced ones are in use.</summary>
    public async Task Yield()
    {
        if (_pin is { } held)
        {
            // Until it has ended: a snapshot that is served for days must not keep all tasks that it has answered.
            await Task.WhenAny(held.Replaced, Ended);
            lock (_lock)
            {
                if (Record.Stage == TaskStage.Queued)
                {
                    Interlocked.Exchange(ref _pin, null)?.Dispose();
                }
            }
        }
    }

    /// <summary>Keeps a new record.</summary>
    public void Change(TaskRecord changed)
    {
        Store.Save(changed);
        _record = changed;
    }

    /// <summary>Keeps a new record in this process alone, where it cannot be stored.</summary>
    public void Keep(TaskRecord changed) => _record = changed;

    /// <summary>
    /// Takes over how the nodes of a cluster have ended it, or that it was deleted; false while neither is so.
    /// </summary>
    /// <exception cref="StorageException">The database or the folder does not answer.</exception>
    public bool Adopt()
    {
        if (Store.Find(Record.Id) is not { } stored)
        {
            _record = Deleted;
            return true;
        }

        if (Shared!.Of(Record.Id).State() is not { Record: { } text })
        {
            return false;
        }

        var ended = TaskStore.RecordOf(text);
        if (!stored.HasEnded)
        {
            Store.Save(ended);
        }

        _record = ended;
        return true;
    }

    /// <summary>Starts it, unless it was canceled while it waited.</summary>
    public bool TryStart(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (Shared is not null)
            {
                // Another node may have started it, ended it or deleted it.
                _record = Store.Find(Record.Id) ?? Deleted;
            }

            if (Record.HasEnded || (Shared is not null && Record.Stage == TaskStage.Running))
            {
                return !Record.HasEnded;
            }

            Change(Record with { Stage = TaskStage.Running, Started = now });
            return true;
        }
    }

    /// <summary>Cancels it while it waits; false when it runs or has ended.</summary>
    public bool TryCancelWaiting(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (Record.Stage != TaskStage.Queued)
            {
                return false;
            }

            Change(Record with { Stage = TaskStage.Cancelled, Ended = now });
        }

        Release();
        return true;
    }

    /// <summary>Records its progress.</summary>
    public void Report(BatchProgress progress) => _progress = new ProgressBox(progress);

    /// <summary>Cancels it while it runs.</summary>
    public void Cancel() => _cancel.Cancel();

    /// <summary>Releases the snapshot: the task is finished in this process.</summary>
    public void Release()
    {
        Interlocked.Exchange(ref _pin, null)?.Dispose();
        _ended.TrySetResult();
    }

    private TaskRecord Deleted => Record with { Stage = TaskStage.Cancelled };

    private sealed record ProgressBox(BatchProgress Value);
}
