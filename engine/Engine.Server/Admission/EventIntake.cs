using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Admission;

/// <summary>
/// Where the rows of events are checked: one low-priority thread. However many events come, they keep one core at most
/// from the requests, give it up when a request wants it, and never wait behind a heavy call.
/// </summary>
internal sealed class EventIntake : IDisposable
{
    // As many as wait for the log. A caller that is refused tries again; nothing of its rows was kept.
    private const int MostCalls = 1_024;

    // Encoded; in memory they are some times as long.
    private const long MostBytes = 256 << 20;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly HeavyWork _work =
        new(new CallLimits { HeavyThreads = 1, HeavyCalls = MostCalls }, "batches of events");

    private long _bytes;

    /// <summary>Counts the bytes of a call until <see cref="Leave"/>. One call alone is always let in.</summary>
    /// <exception cref="ExhaustedException">All calls that wait together hold too much.</exception>
    public void Enter(long bytes)
    {
        var held = Interlocked.Add(ref _bytes, bytes);
        if (held > MostBytes && held > bytes)
        {
            Leave(bytes);
            throw new ExhaustedException(
                $"found batches of events of {held:N0} bytes that run or wait; expected at most {MostBytes:N0}. "
                + $"Try again in {Retry.TotalSeconds:0} s, or send less at a time",
                Retry);
        }
    }

    /// <summary>The call has ended.</summary>
    public void Leave(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>Runs a call's checks in its turn.</summary>
    /// <exception cref="ExhaustedException">Too many wait.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public Task<T> Run<T>(Func<T> work, CancellationToken cancellation) => _work.Run(work, cancellation);

    /// <summary>The thread ends with what is queued.</summary>
    public void Dispose() => _work.Dispose();
}
