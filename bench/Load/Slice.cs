using System.Diagnostics;

namespace Bench.Load;

/// <summary>Calls for some seconds, by one of two loops.</summary>
/// <param name="target">The engine.</param>
/// <param name="calls">Sent in turn, over and over.</param>
/// <param name="length">How long calls begin.</param>
internal sealed class Slice(ILoadTarget target, PreparedCall[] calls, TimeSpan length)
{
    /// <summary>How long the generator goes on with calls that were due, but could not start.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A fixed rate: call i is due i / rate seconds after the start, whatever became of the others, and its latency
    /// counts from then.
    /// </summary>
    /// <param name="rate">Calls a second.</param>
    /// <param name="atOnce">Calls that may be open; more of them wait, and their waiting is latency.</param>
    /// <param name="into">Where the calls are recorded.</param>
    /// <param name="stop">Ends the slice early.</param>
    public async Task Open(double rate, int atOnce, Recording into, CancellationToken stop)
    {
        using var places = new SemaphoreSlim(atOnce);
        await Task.Factory.StartNew(
            () => Pace(rate, places, into, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (var i = 0; i < atOnce; i++)
        {
            await places.WaitAsync(CancellationToken.None);
        }
    }

    /// <summary>As many calls at once as lanes: each sends its next call when its last one has ended.</summary>
    public Task Closed(int lanes, Recording into, CancellationToken stop)
    {
        var (next, end) = (-1L, Stopwatch.GetTimestamp() + Ticks(length));
        return Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(
            async () =>
            {
                for (var now = Stopwatch.GetTimestamp(); now < end; now = Stopwatch.GetTimestamp())
                {
                    stop.ThrowIfCancellationRequested();
                    await Send(lane, Interlocked.Increment(ref next), now, into).ConfigureAwait(false);
                }
            },
            stop)));
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private void Pace(double rate, SemaphoreSlim places, Recording into, CancellationToken stop)
    {
        var (count, start) = ((long)Math.Round(rate * length.TotalSeconds), Stopwatch.GetTimestamp());
        var last = start + Ticks(length + Grace);
        for (var i = 0L; i < count; i++)
        {
            var due = start + (long)(i / rate * Stopwatch.Frequency);
            WaitUntil(due, stop);
            var patience = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), last);
            if (!places.Wait(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, stop))
            {
                into.AddUnsent(count - i);
                return;
            }

            _ = Release((int)(i % int.MaxValue), i, due, places, into);
        }
    }

    // The operating system wakes a thread to the millisecond; the rest is waited for in turns with other threads.
    private static void WaitUntil(long due, CancellationToken stop)
    {
        while (Stopwatch.GetTimestamp() < due)
        {
            stop.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) > TimeSpan.FromMilliseconds(1.5))
            {
                Thread.Sleep(1);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    private async Task Release(int lane, long number, long due, SemaphoreSlim places, Recording into)
    {
        try
        {
            await Send(lane, number, due, into).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task Send(int lane, long number, long due, Recording into)
    {
        var (call, started) = (calls[number % calls.Length], Stopwatch.GetTimestamp());
        var outcome = await target.Send(lane, call).ConfigureAwait(false);
        into.Add(call.Rpc.Name, outcome, due, started, Stopwatch.GetTimestamp());
    }
}
