using System.Collections.Concurrent;
using Engine.Cluster.Parts;
using Engine.Scoring.Hosting;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Workspaces;
using Engine.Snapshots.Files;
using Engine.Snapshots.Writing;

namespace Engine.Server.Tasks;

/// <summary>
/// The tasks of one workspace. Any process creates, cancels, lists and deletes them on the disk; the one that holds the
/// lock runs them. When it ends or is killed, another one takes over at its next look: unfinished results resume after
/// their last part.
/// </summary>
internal sealed class WorkspaceTasks : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SweepPause = TimeSpan.FromHours(1);

    private readonly Workspace _workspace;
    private readonly ClusterTasks? _shared;
    private readonly CallLimits _limits;
    private readonly Action<EngineTask> _enqueue;
    private readonly Action<string>? _report;
    private readonly ConcurrentDictionary<string, EngineTask> _tasks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EngineTask> _unstored = new(StringComparer.Ordinal);
    private readonly Lock _looking = new();
    private WriterLock? _lock;
    private IReadOnlyList<string> _problems = [];
    private FileStamp? _seen;
    private DateTimeOffset? _swept;
    private bool _isSettled;
    private bool _isDisposed;

    /// <summary>Looks at the folder: see <see cref="Look"/>.</summary>
    /// <param name="workspace">Whose tasks.</param>
    /// <param name="limits">How many tasks there may be.</param>
    /// <param name="enqueue">Receives the tasks that this process is to run.</param>
    /// <param name="now">The time.</param>
    /// <param name="report">Receives what was swept and what cannot be read, one sentence each.</param>
    public WorkspaceTasks(
        Workspace workspace,
        CallLimits limits,
        Action<EngineTask> enqueue,
        DateTimeOffset now = default,
        Action<string>? report = null)
    {
        (_workspace, _limits, _enqueue, _report) = (workspace, limits, enqueue, report);
        _shared = workspace.SharedTasks;
        Store = new TaskStore(workspace.Catalog.Folder);
        Look(now);
    }

    /// <summary>Whether this process runs the tasks: in a cluster every node does.</summary>
    public bool IsRunner => _lock is not null || _shared is not null;

    /// <summary>What cannot be read of its folder, a sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Tasks at a stage that this process runs or has run.</summary>
    public int Count(TaskStage stage) => _tasks.Values.Count(task => task.Record.Stage == stage);

    /// <summary>The tasks on the disk.</summary>
    public TaskStore Store { get; }

    /// <summary>
    /// Takes the lock if it is free, queues the tasks that other processes have created or left unfinished, and cancels
    /// those that they have asked to cancel. Cheap when nothing has changed.
    /// </summary>
    public void Look(DateTimeOffset now)
    {
        lock (_looking)
        {
            if (_isDisposed || (!IsRunner && !TryBecomeRunner(now)))
            {
                return;
            }

            foreach (var task in _tasks.Values.Where(
                task => !task.Record.HasEnded && Store.IsCancelRequested(task.Record.Id)))
            {
                if (!TryCancelWaiting(task, now))
                {
                    task.Cancel();
                }
            }

            DropEndedElsewhere();

            // Times of a folder have steps of milliseconds: a change may hide behind one that was seen, so look twice.
            var stamp = Store.Stamp;
            if (stamp == _seen && _isSettled)
            {
                return;
            }

            (_seen, _isSettled) = (stamp, stamp == _seen);
            foreach (var gone in _tasks.Values.Where(task => task.Record.HasEnded && !Store.Exists(task.Record.Id)))
            {
                Drop(gone.Record.Id);
            }

            var problems = new List<string>();
            foreach (var record in Store.Load(problems, _tasks.ContainsKey))
            {
                Add(record);
            }

            foreach (var problem in problems.Except(_problems, StringComparer.Ordinal))
            {
                _report?.Invoke(problem);
            }

            _problems = problems;
        }
    }

    /// <summary>
    /// Deletes what nodes that were killed or paused have left of the tasks of a cluster: at the start, and every hour.
    /// </summary>
    /// <exception cref="StorageException">The database or the folder does not answer.</exception>
    public void SweepShared(DateTimeOffset now)
    {
        if (_shared is not null && !(now - _swept < SweepPause))
        {
            _swept = now;
            Report(new SharedSweep(Store, _shared, now).Run());
        }
    }

    /// <summary>Stores and queues a task.</summary>
    /// <param name="record">Queued.</param>
    /// <param name="question">Frozen.</param>
    /// <param name="copyUsers">Copies the audience to a path; null for every user.</param>
    /// <param name="pin">Its snapshot; the task owns it from now on.</param>
    /// <exception cref="StorageException">It cannot be stored.</exception>
    public EngineTask Create(TaskRecord record, TaskQuestion question, Action<string>? copyUsers, ModelPin pin)
    {
        CheckRoom();
        record = _shared is not null && record.EventsVersion > 0 ? record with { Node = _shared.Node } : record;
        if (!IsRunner)
        {
            // The process that runs the tasks pins the snapshot by its id.
            Store.Create(record, question, copyUsers);
            pin.Dispose();
            return new EngineTask(Store, _workspace, record, null);
        }

        // Known first, so that no look takes it for another process's, nor for one that was deleted.
        var task = new EngineTask(Store, _workspace, record, pin);
        _unstored[record.Id] = task;
        _tasks[record.Id] = task;
        try
        {
            Store.Create(record, question, copyUsers);
        }
        catch
        {
            _tasks.TryRemove(record.Id, out _);
            throw;
        }
        finally
        {
            _unstored.TryRemove(record.Id, out _);
        }

        _enqueue(task);
        _ = task.Yield();
        return task;
    }

    /// <summary>One task.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public EngineTask Get(string id) => _tasks.TryGetValue(id, out var task) && Store.Exists(id)
        ? task
        : new EngineTask(Store, _workspace, Store.Get(id), null);

    /// <summary>All tasks, newest first.</summary>
    public IEnumerable<EngineTask> List() => Store.Load([], _tasks.ContainsKey)
        .Select(record => new EngineTask(Store, _workspace, record, null))
        .Concat(_tasks.Values.Where(task => Store.Exists(task.Record.Id)))
        .OrderByDescending(task => task.Record.Id, StringComparer.Ordinal);

    /// <summary>Cancels a task, and waits until it has stopped.</summary>
    /// <exception cref="StateException">It has ended.</exception>
    public async Task<EngineTask> Cancel(string id, DateTimeOffset now, CancellationToken cancellation)
    {
        var task = Get(id);
        if (task.Record.HasEnded)
        {
            throw new StateException(
                $"task '{id}' is {task.Record.Stage}; only queued and running tasks can be canceled");
        }

        if (_shared is not null || !_tasks.ContainsKey(id))
        {
            return await CancelElsewhere(id, now, cancellation);
        }

        if (!task.TryCancelWaiting(now))
        {
            task.Cancel();
            await task.Ended.WaitAsync(cancellation);
        }

        return task;
    }

    /// <summary>Deletes an ended task.</summary>
    /// <exception cref="StateException">It has not ended.</exception>
    public void Delete(string id)
    {
        var task = Get(id);
        if (!task.Record.HasEnded)
        {
            throw new StateException(
                $"task '{id}' is {task.Record.Stage}; only ended tasks can be deleted. Cancel it first");
        }

        Store.Delete(id);
        _tasks.TryRemove(id, out _);
        Forget(id);
    }

    /// <summary>Releases the tasks to other processes.</summary>
    public void Dispose()
    {
        lock (_looking)
        {
            _isDisposed = true;

            // Running tasks have released themselves.
            foreach (var task in _tasks.Values.Where(task => task.Record.Stage == TaskStage.Queued))
            {
                task.Release();
            }

            _lock?.Dispose();
        }
    }

    private bool TryBecomeRunner(DateTimeOffset now)
    {
        if (ClusterTasks.FindPlace(_workspace.Catalog.Folder) is { } place)
        {
            // Its nodes agree by the database, and know nothing of this process.
            _problems =
            [
                $"the tasks of workspace '{_workspace.Name}' are a cluster's, and this engine runs without --cluster: "
                + $"it runs none of them. Start it with --cluster; if the cluster is no more, delete {place}",
            ];
            return false;
        }

        _lock = Store.TryLock();
        if (IsRunner)
        {
            Report(Store.Sweep(now));
        }

        return IsRunner;
    }

    /// <summary>Refuses a task before anything is counted for it.</summary>
    /// <exception cref="ExhaustedException">Too many wait, or too many are stored.</exception>
    public void CheckRoom()
    {
        // In a cluster also those that another node alone may run.
        var all = IsRunner && _shared is null ? _tasks.Values : List().ToArray() as ICollection<EngineTask>;
        if (all.Count >= _limits.StoredTasks)
        {
            throw new ExhaustedException(
                $"found {all.Count:N0} tasks in workspace '{_workspace.Name}'; "
                + $"expected fewer than {_limits.StoredTasks:N0}. Delete tasks that have ended");
        }

        var open = all.Count(task => !task.Record.HasEnded);
        if (open >= _limits.QueuedTasks)
        {
            throw new ExhaustedException(
                $"found {open:N0} tasks of workspace '{_workspace.Name}' that wait or run; "
                + $"expected fewer than {_limits.QueuedTasks:N0}. Wait until some have ended, or cancel them",
                TimeSpan.FromSeconds(30));
        }
    }

    // In a cluster only the database says that a task ends, since another node may be running it.
    private bool TryCancelWaiting(EngineTask task, DateTimeOffset now) => _shared is null
        ? task.TryCancelWaiting(now)
        : task.Record.Stage == TaskStage.Queued
            && _shared.Of(task.Record.Id).TryGiveUp(
                TaskStore.TextOf(task.Record with { Stage = TaskStage.Cancelled, Ended = now }))
            && task.TryCancelWaiting(now);

    // The task is deleted when its folder is; rows that stay without it are deleted by a sweep.
    private void Forget(string id)
    {
        try
        {
            _shared?.Forget(id);
        }
        catch (StorageException e)
        {
            _report?.Invoke($"the rows of task {id} stay until the next sweep: {e.Message}");
        }
    }

    private void Drop(string id)
    {
        _tasks.TryRemove(id, out _);
        _shared?.Drop(id);
    }

    // Tasks that wait here while another node has run, canceled or deleted them.
    private void DropEndedElsewhere()
    {
        foreach (var task in _tasks.Values.Where(task => _shared is not null && task.Record.Stage == TaskStage.Queued
            && !_unstored.ContainsKey(task.Record.Id)))
        {
            if (!Store.Exists(task.Record.Id))
            {
                Drop(task.Record.Id);
                task.Keep(task.Record with { Stage = TaskStage.Cancelled });
                task.Release();
            }
            else if (Store.Get(task.Record.Id) is { HasEnded: true } ended)
            {
                task.Keep(ended);
                task.Release();
            }
        }
    }

    private void Report(IEnumerable<string> swept)
    {
        foreach (var path in swept)
        {
            _report?.Invoke($"deleted {path}, which a stopped process left behind");
        }
    }

    private void Add(TaskRecord record)
    {
        if (_shared is not null && record.Node is { } node && node != _shared.Node && !record.HasEnded)
        {
            // Read from the disk whenever somebody asks.
            return;
        }

        var task = new EngineTask(Store, _workspace, record, null);
        if (_tasks.TryAdd(record.Id, task))
        {
            if (record.HasEnded)
            {
                task.Release();
            }
            else
            {
                _enqueue(task);
            }
        }
    }

    // The process that runs the tasks sees the request at its next look; when there is none, this one takes over.
    private async Task<EngineTask> CancelElsewhere(string id, DateTimeOffset now, CancellationToken cancellation)
    {
        Store.RequestCancel(id);
        EndForAll(id, now);
        while (!Get(id).Record.HasEnded)
        {
            await Task.Delay(Pause, cancellation);
        }

        return Get(id);
    }

    // The database says that a task of a cluster has ended. The node that runs it need not answer: it may be lost. A
    // living one loses its commits from then on.
    private void EndForAll(string id, DateTimeOffset now)
    {
        if (_shared is not null)
        {
            var task = new EngineTask(Store, _workspace, Store.Get(id), null);
            _shared.Of(id).TryGiveUp(TaskStore.TextOf(task.Record with { Stage = TaskStage.Cancelled, Ended = now }));
            task.Adopt();
        }
    }
}
