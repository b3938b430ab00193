namespace Engine.Server.Batch;

/// <summary>
/// A few low-priority threads as a scheduler: a parallel loop within one of its tasks stays on these threads, so that
/// no heavy call and no load of a snapshot takes a core from a light call. A task that is canceled before it runs
/// leaves the queue at once.
/// </summary>
internal sealed class LowThreads : TaskScheduler, IDisposable
{
    [ThreadStatic]
    private static LowThreads? _ofThisThread;

    private readonly LinkedList<Task> _queued = new();
    private readonly int _threads;
    private bool _closed;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="name">What they do, for those who look at the process.</param>
    public LowThreads(int threads, string name)
    {
        _threads = threads;
        for (var i = 0; i < threads; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"{name} {i}" }.Start();
        }
    }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => _threads;

    /// <summary>Does work on these threads, and waits for it.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public T Run<T>(Func<T> work, CancellationToken cancel) =>
        Task.Factory.StartNew(work, cancel, TaskCreationOptions.None, this).GetAwaiter().GetResult();

    /// <summary>The threads end with the tasks that are queued.</summary>
    public void Dispose()
    {
        lock (_queued)
        {
            _closed = true;
            Monitor.PulseAll(_queued);
        }
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_queued)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _queued.AddLast(task);
            Monitor.Pulse(_queued);
        }
    }

    /// <inheritdoc/>
    protected override bool TryDequeue(Task task)
    {
        lock (_queued)
        {
            return _queued.Remove(task);
        }
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        _ofThisThread == this && (!taskWasPreviouslyQueued || TryDequeue(task)) && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_queued)
        {
            return [.. _queued];
        }
    }

    private void Work()
    {
        LowPriority.BehindOthers();
        _ofThisThread = this;
        while (Next() is { } task)
        {
            // What a task throws is kept in the task.
            TryExecuteTask(task);
        }
    }

    private Task? Next()
    {
        lock (_queued)
        {
            while (_queued.Count == 0)
            {
                if (_closed)
                {
                    return null;
                }

                Monitor.Wait(_queued);
            }

            var task = _queued.First!.Value;
            _queued.RemoveFirst();
            return task;
        }
    }
}
