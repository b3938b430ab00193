using System.Collections.Concurrent;
using Engine.Scoring.Hosting;
using Engine.Server.Errors;
using Engine.Server.Workspaces;

namespace Engine.Server.Tasks;

/// <summary>The tasks of one workspace. One process runs them; others list what is on disk.</summary>
internal sealed class WorkspaceTasks : IDisposable
{
    private readonly Workspace _workspace;
    private readonly Action<EngineTask> _enqueue;
    private readonly ConcurrentDictionary<string, EngineTask> _tasks = new(StringComparer.Ordinal);
    private readonly FileStream? _lock;

    /// <summary>Reads the tasks, and queues those that have not ended.</summary>
    public WorkspaceTasks(Workspace workspace, Action<EngineTask> enqueue)
    {
        (_workspace, _enqueue) = (workspace, enqueue);
        Store = new TaskStore(workspace.Catalog.Folder);
        _lock = Store.TryLock();
        foreach (var record in IsRunner ? Store.Load() : [])
        {
            var task = new EngineTask(Store, workspace, record, null);
            _tasks[record.Id] = task;
            if (record.HasEnded)
            {
                task.Release();
            }
            else
            {
                enqueue(task);
            }
        }
    }

    /// <summary>Whether this process runs the tasks.</summary>
    public bool IsRunner => _lock is not null;

    /// <summary>The tasks on the disk.</summary>
    public TaskStore Store { get; }

    /// <summary>Stores and queues a task.</summary>
    /// <param name="record">Queued.</param>
    /// <param name="question">Frozen.</param>
    /// <param name="copyUsers">Copies the audience to a path; null for every user.</param>
    /// <param name="pin">Its snapshot; the task owns it from now on.</param>
    /// <exception cref="StateException">Another process runs the tasks.</exception>
    public EngineTask Create(TaskRecord record, TaskQuestion question, Action<string>? copyUsers, ModelPin pin)
    {
        CheckRunner();
        Store.Create(record, question, copyUsers);
        var task = new EngineTask(Store, _workspace, record, pin);
        _tasks[record.Id] = task;
        _enqueue(task);
        return task;
    }

    /// <summary>One task.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public EngineTask Get(string id) => _tasks.TryGetValue(id, out var task) ? task : new EngineTask(Store, _workspace, Store.Get(id), null);

    /// <summary>All tasks, newest first.</summary>
    public IEnumerable<EngineTask> List() =>
        (IsRunner ? _tasks.Values : Store.Load().Select(record => new EngineTask(Store, _workspace, record, null)))
        .OrderByDescending(task => task.Record.Id, StringComparer.Ordinal);

    /// <summary>Cancels a task, and waits until it has stopped.</summary>
    /// <exception cref="StateException">It has ended.</exception>
    public async Task<EngineTask> Cancel(string id, DateTimeOffset now, CancellationToken cancellation)
    {
        CheckRunner();
        var task = Get(id);
        if (task.Record.HasEnded)
        {
            throw new StateException($"task '{id}' is {task.Record.Stage}; only queued and running tasks can be canceled");
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
        CheckRunner();
        var task = Get(id);
        if (!task.Record.HasEnded)
        {
            throw new StateException($"task '{id}' is {task.Record.Stage}; only ended tasks can be deleted. Cancel it first");
        }

        Store.Delete(id);
        _tasks.TryRemove(id, out _);
    }

    /// <summary>Releases the tasks to other processes.</summary>
    public void Dispose()
    {
        // Running tasks have released themselves.
        foreach (var task in _tasks.Values.Where(task => task.Record.Stage == TaskStage.Queued))
        {
            task.Release();
        }

        _lock?.Dispose();
    }

    private void CheckRunner()
    {
        if (!IsRunner)
        {
            throw new StateException($"another engine runs the tasks of workspace '{_workspace.Name}', or its folder is read-only. Send the request to the other engine, or stop it and restart this one");
        }
    }
}
