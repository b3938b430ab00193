using System.Diagnostics.CodeAnalysis;
using Engine.Scoring.Audiences;
using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Server.Batch;
using Engine.Server.Configuration;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Results;
using Engine.Snapshots.Writing;

namespace Engine.Server.Tasks;

/// <summary>Runs or resumes one task, and records how it ended.</summary>
internal sealed partial class TaskRunner(
    ServerOptions options, TaskTables tables, TimeProvider time, ILogger<TaskRunner> logger)
{
    private static readonly TimeSpan ApartPause = TimeSpan.FromSeconds(1);

    private readonly SnapshotFaults _faults = new(time);

    /// <summary>Why this node takes no part in tasks of a cluster for now, a sentence each.</summary>
    public IEnumerable<string> Problems() => _faults.Problems();

    /// <summary>Runs on the calling thread until the task ends, or the engine stops: then it resumes later.</summary>
    [SuppressMessage(
        "Design", "CA1031", Justification = "A task that fails in any way is a failed task; the queue continues.")]
    public void Run(EngineTask task, CancellationToken stopping)
    {
        try
        {
            using (var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping, task.Cancelled))
            {
                Work(task, cancel.Token);
            }
        }
        catch (OperationCanceledException) when (task.Cancelled.IsCancellationRequested)
        {
            End(task, task.Record with { Stage = TaskStage.Cancelled });
        }
        catch (OperationCanceledException)
        {
            LogStopped(task.Record.Id);
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            Fail(task, MachineFault.Sentence(e));
        }
        catch (Exception e)
        {
            LogFailed(e, task.Record.Id);
            Fail(task, $"internal error; see the server log (task {task.Record.Id})");
        }
        finally
        {
            _faults.Remove(task.Workspace, task.Record.SnapshotId);
            task.Release();
        }
    }

    private void Work(EngineTask task, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var path = task.Store.ResultPath(task.Record.Id);
        if (task.Shared is not null)
        {
            AnswerTogether(task, path, cancel);
            return;
        }

        var start = time.GetTimestamp();
        if (!task.TryStart(time.GetUtcNow()))
        {
            return;
        }

        if (!File.Exists(path))
        {
            Answer(task, task.Pin().Model, path, cancel);
        }

        var ended = Finished(task, path, cancel);
        End(task, ended);
        LogSucceeded(task.Record.Id, ended.Rows, time.GetElapsedTime(start).TotalSeconds);
    }

    // What remains to be done with the rows.
    private TaskRecord Finished(EngineTask task, string path, CancellationToken cancel)
    {
        task.Store.EraseForgotten(task.Record);
        var rows = ResultRows(task, path);
        var written = task.Record.Table is { } table
            ? tables.Publish(table, task.Record.Id, path, sent => task.Written = sent, cancel)
            : 0;
        return task.Record with
        {
            Stage = TaskStage.Succeeded,
            Rows = rows,
            Bytes = new FileInfo(path).Length,
            Written = written,
        };
    }

    // With the other nodes of a cluster. What this node alone lacks is no failure of the task: the others go on.
    private void AnswerTogether(EngineTask task, string path, CancellationToken cancel)
    {
        var isRefused = false;
        for (var told = ""; ; cancel.ThrowIfCancellationRequested())
        {
            try
            {
                if (!task.TryStart(time.GetUtcNow()) || Adopt(task))
                {
                    return;
                }

                if (!_faults.IsAvoided(task.Workspace, task.Record.SnapshotId))
                {
                    var model = Open(task);
                    if (isRefused)
                    {
                        task.Shared!.Refusals.Remove(task.Record.Id);
                        isRefused = false;
                    }

                    Answer(task, model, path, cancel);
                    continue;
                }
            }
            catch (Exception e) when (e is NotFoundException || IsOfThisNode(e))
            {
                var isNew = e.Message != told;
                if (isNew)
                {
                    LogApart(task.Record.Id, told = e.Message);
                }

                if (IsOfItsSnapshot(e))
                {
                    isRefused |= e is SnapshotFaultException;
                    _faults.Add(task.Workspace, task.Record.SnapshotId, MachineFault.Sentence(e).TrimEnd('.'));
                    GiveBack(task, e, isTry: true);
                }
                else if (e is NotFoundException)
                {
                    Fetch(task);
                    if (!isNew)
                    {
                        GiveBack(task, e, isTry: false);
                    }
                }
            }

            cancel.WaitHandle.WaitOne(ApartPause);
        }
    }

    // The task fails when no living node can work on it.
    private void GiveBack(EngineTask task, Exception e, bool isTry)
    {
        string? reason;
        try
        {
            reason = task.Shared!.Refusals.Add(
                task.Record.Id, MachineFault.Sentence(e).TrimEnd('.'), isTry, isAlone: task.Record.Node is not null);
        }
        catch (StorageException unanswered)
        {
            LogApart(task.Record.Id, unanswered.Message);
            return;
        }

        if (reason is not null)
        {
            throw new InputException(reason);
        }
    }

    // What only time or a person mends, however often this node tries.
    private static bool IsOfItsSnapshot(Exception e) => e is SnapshotFaultException
        || MachineFault.Of(e) is { Kind: MachineFaultKind.Memory };

    // Its disk, its rights, its memory: whether an exception of the machine says so, or a sentence about one.
    private static bool IsOfThisNode(Exception e) => IsOfItsSnapshot(e)
        || new[] { e, e.InnerException }.Any(found => found is IOException or UnauthorizedAccessException);

    // The snapshot may be what was not found.
    private void Fetch(EngineTask task)
    {
        try
        {
            task.FetchSnapshot();
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            LogApart(task.Record.Id, e.Message);
        }
    }

    private bool Adopt(EngineTask task)
    {
        var hasEnded = task.Adopt();
        if (hasEnded)
        {
            LogEnded(task.Record.Id, task.Record.Stage, task.Record.Rows);
        }

        return hasEnded;
    }

    private static long ResultRows(EngineTask task, string path)
    {
        using var file = ResultFile.Open(path, TaskStore.ColumnsOf(task.Record));
        return file.Rows;
    }

    private void Answer(EngineTask task, ScoringModel model, string path, CancellationToken cancel)
    {
        var store = task.Store;
        var users = store.Users(task.Record.Id);
        var question = store.Question(task.Record.Id);
        var plan = question.Plan(
            model,
            users is null ? null : AudienceMembers.Of(model.Snapshot, users, cancel),
            task.Events.View(question.EventsVersion),
            cancel);
        var run = new BatchRunOptions
        {
            Threads = options.TaskThreads,
            Background = true,
            KeepIndex = true,
            Time = time,
        };
        if (question.Allocation is { } allocation)
        {
            // Over both groups, so that held-out users have what they would have been told.
            using var threads = new LowThreads(options.TaskThreads, "allocation");
            var (pairs, found) = threads.Run(() => allocation.Run(plan, options.TaskThreads, cancel), cancel);
            store.SaveAllocation(task.Record.Id, found);
            plan = plan.Only(pairs);
        }

        if (task.Record.Holdout is { } holdout)
        {
            // The held-out users first: where the result is, that of the held-out users is, too.
            var split = holdout.Split(plan);
            var heldOut = HoldoutRecord.FileOf(path);
            if (!File.Exists(heldOut))
            {
                Run(
                    task,
                    HoldoutRecord.Group,
                    split.HeldOut,
                    heldOut,
                    run with { ListSkipped = false },
                    () => null,
                    cancel);
            }

            plan = split.Treated;
        }

        Run(
            task,
            "",
            plan,
            path,
            run,
            () => TaskStore.TextOf(Finished(task, path, cancel) with { Ended = time.GetUtcNow() }),
            cancel);
    }

    // A node of a cluster whose copy of the snapshot is damaged, or too large for it, is no fault of the task.
    private ScoringModel Open(EngineTask task)
    {
        try
        {
            var model = task.Pin().Model;
            _faults.Remove(task.Workspace, task.Record.SnapshotId);
            return model;
        }
        catch (Exception e) when (e is InputException and not NotFoundException || MachineFault.Of(e) is not null)
        {
            throw new SnapshotFaultException(MachineFault.Sentence(e), e);
        }
    }

    private static void Run(
        EngineTask task,
        string group,
        BatchPlan plan,
        string path,
        BatchRunOptions options,
        Func<string?> finish,
        CancellationToken cancel)
    {
        if (task.Shared is { } shared)
        {
            SharedRun.Run(shared.Of(task.Record.Id, group), plan, path, options, task.Report, finish, cancel);
        }
        else
        {
            BatchRun.Run(plan, path, options, task.Report, cancel);
        }
    }

    private void Fail(EngineTask task, string reason)
    {
        LogRefused(task.Record.Id, reason);
        End(task, task.Record with { Stage = TaskStage.Failed, Error = reason });
    }

    // Whatever fails here must not end the thread: the task has ended in this process, and runs again at the next
    // start.
    [SuppressMessage(
        "Design", "CA1031", Justification = "The end of a task is kept in memory when it cannot be stored.")]
    private void End(EngineTask task, TaskRecord record)
    {
        var ended = record with { Ended = time.GetUtcNow() };
        try
        {
            if (task.Shared is { } shared && !shared.Of(record.Id).TryGiveUp(TaskStore.TextOf(ended)))
            {
                Adopt(task);
                return;
            }

            if (ended.Stage != TaskStage.Succeeded)
            {
                task.Store.DropResult(record.Id);
            }

            task.Change(ended);
        }
        catch (Exception e)
        {
            var reason =
                $"its end could not be stored: {MachineFault.Sentence(e)}. It runs again when the engine restarts";
            task.Keep(ended with { Notes = [.. ended.Notes, reason] });
            LogRefused(record.Id, reason);
        }
    }

    [LoggerMessage(LogLevel.Information, "task {TaskId} succeeded: {Rows} rows in {Seconds:F1} s")]
    private partial void LogSucceeded(string taskId, long rows, double seconds);

    [LoggerMessage(
        LogLevel.Information, "task {TaskId} interrupted: the engine is stopping. It resumes at the next start")]
    private partial void LogStopped(string taskId);

    [LoggerMessage(LogLevel.Error, "task {TaskId} failed: {Reason}")]
    private partial void LogRefused(string taskId, string reason);

    [LoggerMessage(LogLevel.Information, "task {TaskId} of the cluster is {Stage}: {Rows} rows")]
    private partial void LogEnded(string taskId, TaskStage stage, long rows);

    [LoggerMessage(LogLevel.Warning, "task {TaskId} goes on without this node for now: {Reason}")]
    private partial void LogApart(string taskId, string reason);

    [LoggerMessage(LogLevel.Error, "task {TaskId} failed")]
    private partial void LogFailed(Exception exception, string taskId);
}
