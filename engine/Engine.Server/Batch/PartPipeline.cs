using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Engine.Server.Batch;

/// <summary>
/// Runs numbered parts on threads of its own, each part whole on one thread, and hands the results over in the order of
/// their numbers: computing, encoding and writing overlap, and no thread waits for the slowest one of each part.
/// </summary>
/// <typeparam name="TResult">What a part becomes; used again after it was handed over.</typeparam>
internal sealed class PartPipeline<TResult>
    where TResult : class, new()
{
    private readonly int _end;
    private readonly int _ahead;
    private readonly Action<int, TResult> _handOver;
    private readonly CancellationTokenSource _stop;
    private readonly Dictionary<int, TResult> _finished = [];
    private readonly Stack<TResult> _idle = new();
    private readonly object _lock = new();
    private int _next;
    private int _taken;
    private bool _isHandingOver;
    private ExceptionDispatchInfo? _error;

    private PartPipeline(int first, int end, int ahead, Action<int, TResult> handOver, CancellationToken cancellation)
    {
        (_next, _taken, _end, _ahead, _handOver) = (first, first, end, ahead, handOver);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <summary>Runs the parts <paramref name="first"/> .. <paramref name="end"/> - 1.</summary>
    /// <param name="first">The first part.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="threads">1 or more.</param>
    /// <param name="background">Whether the threads have low priority.</param>
    /// <param name="newWork">Makes one thread's work: fills a result with a part.</param>
    /// <param name="handOver">Receives a part, in order, one at a time, on any of the threads.</param>
    /// <param name="cancellation">Stops between parts, and is given to the work.</param>
    /// <param name="release">Receives each result at the end, when no thread uses it any more.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static void Run(
        int first,
        int end,
        int threads,
        bool background,
        Func<Action<int, TResult, CancellationToken>> newWork,
        Action<int, TResult> handOver,
        CancellationToken cancellation,
        Action<TResult>? release = null)
    {
        var pipeline = new PartPipeline<TResult>(first, end, threads + 2, handOver, cancellation);
        using (pipeline._stop)
        {
            var running = Enumerable.Range(0, Math.Min(threads, Math.Max(0, end - first)))
                .Select(n => pipeline.Start(n, background, newWork)).ToArray();
            foreach (var thread in running)
            {
                thread.Join();
            }
        }

        foreach (var result in pipeline._idle)
        {
            release?.Invoke(result);
        }

        pipeline._error?.Throw();
        cancellation.ThrowIfCancellationRequested();
    }

    [SuppressMessage(
        "Design", "CA1031", Justification = "An error of any kind is thrown again on the thread that waits.")]
    private Thread Start(int number, bool background, Func<Action<int, TResult, CancellationToken>> newWork)
    {
        var thread = new Thread(() =>
        {
            try
            {
                if (background)
                {
                    LowPriority.OfThisThread();
                }

                Work(newWork());
            }
            catch (Exception e)
            {
                Fail(e);
            }
        })
        {
            IsBackground = true,
            Name = $"batch {number}",
        };
        thread.Start();
        return thread;
    }

    private void Work(Action<int, TResult, CancellationToken> work)
    {
        while (TryTake(out var part, out var result))
        {
            work(part, result, _stop.Token);
            HandOver(part, result);
        }
    }

    private bool TryTake(out int part, out TResult result)
    {
        lock (_lock)
        {
            // A thread that is far ahead of the slowest one waits, so that memory is bounded.
            while (_taken >= _next + _ahead && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_lock);
            }

            part = _taken++;
            result = _idle.TryPop(out var idle) ? idle : new TResult();
            return part < _end && !_stop.IsCancellationRequested;
        }
    }

    // One thread at a time writes, outside the lock; the others leave their parts to it and continue.
    private void HandOver(int part, TResult result)
    {
        lock (_lock)
        {
            _finished.Add(part, result);
            if (_isHandingOver)
            {
                return;
            }

            _isHandingOver = true;
        }

        while (TryNext(out var next, out var finished))
        {
            _handOver(next, finished);
            lock (_lock)
            {
                _next++;
                _idle.Push(finished);
                Monitor.PulseAll(_lock);
            }
        }
    }

    private bool TryNext(out int part, out TResult result)
    {
        lock (_lock)
        {
            part = _next;
            var isThere = _finished.Remove(part, out var finished) && !_stop.IsCancellationRequested;
            result = finished!;
            _isHandingOver = isThere;
            return isThere;
        }
    }

    private void Fail(Exception error)
    {
        lock (_lock)
        {
            _error ??= ExceptionDispatchInfo.Capture(error);
            _stop.Cancel();
            Monitor.PulseAll(_lock);
        }
    }
}
