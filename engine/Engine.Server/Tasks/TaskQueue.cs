using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Engine.Server.Configuration;
using Engine.Server.Workspaces;

namespace Engine.Server.Tasks;

/// <summary>
/// The tasks of all workspaces: first come, first served, a few at a time, on low-priority threads. Tasks that had not
/// ended when the engine stopped or was killed are queued again at the next start, or by another engine of the same
/// folder.
/// </summary>
internal sealed partial class TaskQueue(
    WorkspaceRegistry workspaces,
    ServerOptions options,
    TaskRunner runner,
    TimeProvider time,
    ILogger<TaskQueue> logger)
    : BackgroundService
{
    private readonly Channel<EngineTask> _queued = Channel.CreateUnbounded<EngineTask>();
    private readonly ConcurrentDictionary<string, WorkspaceTasks> _byWorkspace = new(StringComparer.Ordinal);
    private readonly Lock _opening = new();
    private Task[] _workers = [];

    /// <summary>The tasks of a workspace.</summary>
    public WorkspaceTasks Of(Workspace workspace)
    {
        if (_byWorkspace.TryGetValue(workspace.Name, out var known))
        {
            return known;
        }

        lock (_opening)
        {
            if (_byWorkspace.TryGetValue(workspace.Name, out known))
            {
                return known;
            }

            var tasks = new WorkspaceTasks(
                workspace, options.Limits, Enqueue, time.GetUtcNow(), sentence => LogTasks(workspace.Name, sentence));
            if (!tasks.IsRunner && Directory.Exists(workspace.Catalog.Folder))
            {
                LogOther(workspace.Name);
            }

            return _byWorkspace[workspace.Name] = tasks;
        }
    }

    /// <summary>Whether all workers run.</summary>
    public bool IsWorking =>
        ExecuteTask is not { IsCompleted: true } && !Array.Exists(_workers, worker => worker.IsCompleted);

    /// <summary>Tasks of this process at a stage.</summary>
    public int Count(TaskStage stage) => _byWorkspace.Values.Sum(tasks => tasks.Count(stage));

    /// <summary>What is wrong with the workers and with stored tasks, a sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!IsWorking)
        {
            var ended = _workers.Count(worker => worker.IsCompleted);
            yield return $"{ended} of {_workers.Length} task workers have ended. Restart the engine";
        }

        foreach (var problem in runner.Problems())
        {
            yield return problem;
        }

        foreach (var (workspace, tasks) in _byWorkspace.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var problem in tasks.Problems)
            {
                yield return $"workspace {workspace}: {problem}";
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var tasks in _byWorkspace.Values)
        {
            tasks.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A task of the served snapshot must not open it a second time: wait until it is served.
        await workspaces.FirstRead.WaitAsync(stoppingToken);
        var workers = _workers = Enumerable.Range(0, options.Tasks).Select(_ => Work(stoppingToken)).ToArray();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.PollMilliseconds));
        try
        {
            do
            {
                foreach (var workspace in workspaces.All)
                {
                    Open(workspace);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping this alone must not look like a failure, which would stop the whole engine.
        }
        finally
        {
            await Task.WhenAll(workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "A workspace whose tasks cannot be read does not stop the tasks of others.")]
    private void Open(Workspace workspace)
    {
        try
        {
            var tasks = Of(workspace);
            var wasRunner = tasks.IsRunner;
            tasks.Look(time.GetUtcNow());
            if (tasks.IsRunner && !wasRunner)
            {
                LogTakenOver(workspace.Name);
            }

            tasks.SweepShared(time.GetUtcNow());
        }
        catch (Exception e)
        {
            // Tried again at the next look.
            LogUnreadable(workspace.Name, MachineFault.Sentence(e));
        }
    }

    private async Task Work(CancellationToken stopping)
    {
        await foreach (var task in _queued.Reader.ReadAllAsync(stopping))
        {
            try
            {
                await Task.Factory.StartNew(
                    () => runner.Run(task, stopping), stopping, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                // One task must not take the worker from all others.
                LogWorker(e, task.Record.Id);
                task.Release();
            }
        }
    }

    private void Enqueue(EngineTask task) => _queued.Writer.TryWrite(task);

    [LoggerMessage(
        LogLevel.Warning,
        "workspace {Workspace}: another engine runs its tasks, or its folder is read-only. "
        + "This engine lists and accepts tasks, and runs them as soon as it can")]
    private partial void LogOther(string workspace);

    [LoggerMessage(LogLevel.Information, "workspace {Workspace}: this engine runs its tasks from now on")]
    private partial void LogTakenOver(string workspace);

    [LoggerMessage(LogLevel.Warning, "workspace {Workspace}: {Sentence}")]
    private partial void LogTasks(string workspace, string sentence);

    [LoggerMessage(LogLevel.Error, "task {TaskId} failed in its worker")]
    private partial void LogWorker(Exception exception, string taskId);

    [LoggerMessage(LogLevel.Error, "workspace {Workspace}: cannot read its tasks: {Reason}")]
    private partial void LogUnreadable(string workspace, string reason);
}
