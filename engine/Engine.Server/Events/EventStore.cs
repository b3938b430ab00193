using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Engine.Scoring.Events;
using Engine.Server.Batch;
using Engine.Server.Errors;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;

namespace Engine.Server.Events;

/// <summary>
/// The events of one workspace since the training. One thread writes the log: calls that wait together share an fsync.
/// Only an engine that serves opens it; without it, every question sees no events.
/// </summary>
/// <param name="workspaceFolder">ROOT/WORKSPACE.</param>
/// <param name="mostEvents">In memory.</param>
internal sealed class EventStore(string workspaceFolder, int mostEvents) : IDisposable
{
    // Bytes that share an fsync.
    private const int GroupBytes = 8 << 20;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly string _folder = Path.Combine(workspaceFolder, "events");
    private readonly BlockingCollection<Work> _queue = new(boundedCapacity: 1_024);
    private readonly Lock _opening = new();
    private volatile EventLog? _log;
    private volatile int _erasures;
    private UserTest _erased = _ => false;
    private volatile string? _problem;
    private Thread? _writer;

    /// <summary>Why the log cannot be used, for a person; null when all is well.</summary>
    public string? Problem => _problem ?? _log?.Problem;

    /// <summary>How often people were erased: a call reads it before it looks who is forgotten.</summary>
    public int Erasures => _erasures;

    /// <summary>In memory; null while there are none.</summary>
    public UserEvents? Events => _log?.Events;

    /// <summary>Bytes of memory that events with their ids may take.</summary>
    /// <param name="events">How many there may be.</param>
    public static long MostBytes(int events) => (100L * events) + (16 << 20);

    /// <summary>Opens the log where there is one. A problem is kept in <see cref="Problem"/>.</summary>
    public void TryOpen()
    {
        try
        {
            if (_log is null && Directory.Exists(_folder))
            {
                Open();
            }
        }
        catch (Exception e) when (e is InputException || MachineFault.Of(e) is not null)
        {
            _problem = $"events cannot be read, so answers are those of the snapshot alone: {MachineFault.Sentence(e)}";
        }
    }

    /// <summary>What a question sees: a version that its caller names, or the latest one.</summary>
    /// <exception cref="FieldException">There is no such version.</exception>
    public EventView View(long? version = null)
    {
        var events = Events;
        var latest = events?.Version ?? 0;
        return version is < 0 || version > latest
            ? throw new FieldException(
                "events_version",
                $"found events_version = {version}; expected 0..{latest}, the versions of this workspace. "
                + "0 asks the snapshot alone; leave the field out for the latest")
            : new EventView(events, version ?? latest);
    }

    /// <summary>What became of an earlier batch of an id; null when none is remembered.</summary>
    /// <exception cref="FieldException">It had other rows.</exception>
    public AcceptedBatch? Earlier(string id, uint digest) => _log?.Earlier(id, digest);

    /// <summary>Whether a user may have so many events more.</summary>
    public bool HasRoom(ReadOnlySpan<char> user, int events) =>
        (Events?.CountOf(user) ?? 0) + events <= UserEvents.MaximumOfUser;

    /// <summary>
    /// Appends a batch and releases it; completes when it is on the disk and every later question sees it.
    /// </summary>
    /// <exception cref="ExhaustedException">
    /// Memory holds as many events as it may, or too many batches wait for the disk.
    /// </exception>
    /// <exception cref="FieldException">The id of the batch belongs to other rows.</exception>
    /// <exception cref="StorageException">It cannot be written; nothing has changed.</exception>
    public Task<AcceptedBatch> Put(EventBatch batch)
    {
        if ((Events?.Count ?? 0) + (long)batch.Count > mostEvents)
        {
            throw new ExhaustedException(
                $"found {Events?.Count ?? 0:N0} events in memory; expected at most {mostEvents:N0} with these "
                + $"{batch.Count:N0}. Train and publish a snapshot, prune older ones, or raise --events");
        }

        if (Events?.Bytes > MostBytes(mostEvents))
        {
            throw new ExhaustedException(
                $"found events that take {Events.Bytes:N0} bytes of memory; expected at most "
                + $"{MostBytes(mostEvents):N0} for events with their ids. Train and publish a snapshot, "
                + "prune older ones, or raise --events");
        }

        Open();
        var work = new Append(batch);
        // Waiting would hold a thread of the light calls.
        return _queue.TryAdd(work) ? work.Done.Task : throw new ExhaustedException(
            $"found {_queue.BoundedCapacity:N0} batches of events that wait for the disk; expected fewer. Try again in "
            + $"{Retry.TotalSeconds:0} s",
            Retry);
    }

    /// <summary>Erases the events of users from memory and from the files. Waits for it.</summary>
    public int Erase(UserTest isErased) => _log is null ? 0 : Run(log => Erase(log, isErased));

    /// <summary>Drops events that no published snapshot needs. Waits for it.</summary>
    /// <param name="before">Milliseconds since 1970-01-01: events before it.</param>
    public void Trim(long before)
    {
        if (_log is not null)
        {
            Run(log => log.Trim(before) ? 1 : 0);
        }
    }

    /// <summary>Gives the log to the next process.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _writer?.Join();
        _queue.Dispose();
        _log?.Dispose();
    }

    private void Open()
    {
        lock (_opening)
        {
            if (_log is not null)
            {
                return;
            }

            var log = Take() ?? throw new StorageException(
                $"{_folder} is used by another engine. Send events to that one, or end it");
            if (ForgottenUsers.Read(workspaceFolder) is { Count: > 0 } forgotten)
            {
                Erase(log, forgotten.Contains);
            }

            _log = log;
            _problem = null;
            _writer = new Thread(Write) { IsBackground = true, Name = "events" };
            _writer.Start();
        }
    }

    // Rows that were checked before it and wait in the queue are erased when they are appended.
    private int Erase(EventLog log, UserTest isErased)
    {
        (_erased, _erasures) = (isErased, _erasures + 1);
        return log.Erase(isErased);
    }

    private EventLog? Take()
    {
        try
        {
            return EventLog.TryOpen(_folder);
        }
        catch (InputException e)
        {
            throw new StateException(e.Message);
        }
    }

    private int Run(Func<EventLog, int> change)
    {
        var work = new Change(change);
        _queue.Add(work);
        return work.Done.Task.GetAwaiter().GetResult();
    }

    private void Write()
    {
        // A request that wants the core gets it.
        LowPriority.BehindOthers();
        var group = new List<Append>();
        while (_queue.TryTake(out var first, Timeout.Infinite))
        {
            var next = (Work?)first;
            while (next is not null)
            {
                group.Clear();
                for (var bytes = 0; next is Append one; bytes += one.Batch.Rows.Length)
                {
                    group.Add(one);
                    next = bytes < GroupBytes && _queue.TryTake(out var more) ? more : null;
                }

                foreach (var one in group)
                {
                    if (one.Batch.Erasures != _erasures)
                    {
                        one.Batch.Erase(_erased);
                    }
                }

                if (group.Count > 0)
                {
                    Append.Run(_log!, group);
                    group.ForEach(one => one.Batch.Release());
                }

                if (next is Change change)
                {
                    change.Run(_log!);
                    next = null;
                }
            }
        }
    }

    private abstract class Work;

    private sealed class Append(EventBatch batch) : Work
    {
        public EventBatch Batch => batch;

        public TaskCompletionSource<AcceptedBatch> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        [SuppressMessage("Design", "CA1031", Justification = "The callers get it; the thread goes on.")]
        public static void Run(EventLog log, List<Append> group)
        {
            try
            {
                var results = log.Append(group.ConvertAll(one => one.Batch));
                for (var i = 0; i < group.Count; i++)
                {
                    if (results[i] is { } result)
                    {
                        group[i].Done.SetResult(result);
                    }
                    else
                    {
                        group[i].Done.SetException(EventBatch.OfOtherRows(group[i].Batch.Id));
                    }
                }
            }
            catch (Exception e)
            {
                group.ForEach(one => one.Done.TrySetException(e));
            }
        }
    }

    private sealed class Change(Func<EventLog, int> change) : Work
    {
        public TaskCompletionSource<int> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [SuppressMessage("Design", "CA1031", Justification = "The caller gets it; the thread goes on.")]
        public void Run(EventLog log)
        {
            try
            {
                Done.SetResult(change(log));
            }
            catch (Exception e)
            {
                Done.SetException(e);
            }
        }
    }
}
