using System.Runtime.CompilerServices;
using Engine.Server.Batch;
using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Admission;

/// <summary>
/// Where heavy calls run: a bounded queue before a few low-priority threads. A call that waits holds no thread; a call
/// whose caller has gone leaves the queue, and one that runs sees its cancellation.
/// </summary>
/// <param name="limits">How many run, and how many wait.</param>
/// <param name="noun">What a refusal calls them.</param>
internal sealed class HeavyWork(CallLimits limits, string noun = "heavy calls") : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly LowThreads _threads = new(limits.HeavyThreads, "heavy");
    private readonly StrongBox<int> _calls = new();

    /// <summary>Calls that run or wait.</summary>
    public int Calls => Volatile.Read(ref _calls.Value);

    /// <summary>Runs a call, or refuses it when the queue is full.</summary>
    /// <exception cref="ExhaustedException">The queue is full.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<T> Run<T>(Func<T> work, CancellationToken cancellation)
    {
        using var place = Enter();
        return await Continue(work, cancellation);
    }

    /// <summary>A place in the queue for a call in parts, until it is disposed.</summary>
    /// <exception cref="ExhaustedException">The queue is full.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _calls.Value) > limits.HeavyCalls)
        {
            Interlocked.Decrement(ref _calls.Value);
            throw new ExhaustedException(
                $"found {limits.HeavyCalls} {noun} that run or wait; expected fewer. "
                + $"Try again in {Retry.TotalSeconds:0} s, or ask for less at a time",
                Retry);
        }

        return new Place(_calls);
    }

    /// <summary>Runs one part of a call that has its place.</summary>
    public Task<T> Continue<T>(Func<T> work, CancellationToken cancellation)
    {
        // Task.Factory.StartNew would look at the token only when a thread takes the task: it would not leave the
        // queue.
        var task = new Task<T>(
            work,
            cancellation,
            TaskCreationOptions.DenyChildAttach | TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            task.Start(_threads);
        }
        catch (InvalidOperationException) when (task.IsCanceled)
        {
            // The caller had gone before the task was queued.
        }

        return task;
    }

    /// <summary>The threads end with what is queued.</summary>
    public void Dispose() => _threads.Dispose();

    private sealed class Place(StrongBox<int> calls) : IDisposable
    {
        private bool _left;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _left, true))
            {
                Interlocked.Decrement(ref calls.Value);
            }
        }
    }
}
