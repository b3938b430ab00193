using Engine.Server.Configuration;

namespace Engine.Server.Admission;

/// <summary>
/// Where the rows of events are checked: one low-priority thread. However many events come, they keep one core at most
/// from the requests, give it up when a request wants it, and never wait behind a heavy call.
/// </summary>
internal sealed class EventIntake : IDisposable
{
    // As many as wait for the log. A caller that is refused tries again; nothing of its rows was kept.
    private const int MostCalls = 1_024;

    private readonly HeavyWork _work =
        new(new CallLimits { HeavyThreads = 1, HeavyCalls = MostCalls }, "batches of events");

    /// <summary>Runs a call's checks in its turn.</summary>
    /// <exception cref="Errors.ExhaustedException">Too many wait.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public Task<T> Run<T>(Func<T> work, CancellationToken cancellation) => _work.Run(work, cancellation);

    /// <summary>The thread ends with what is queued.</summary>
    public void Dispose() => _work.Dispose();
}
