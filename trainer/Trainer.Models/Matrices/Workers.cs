using System.Runtime.ExceptionServices;

namespace Trainer.Models.Matrices;

/// <summary>
/// Hands out independent pieces of work to a fixed number of threads in order; which thread takes which piece is open, so
/// pieces must not depend on each other.
/// </summary>
public static class Workers
{
    /// <summary>
    /// Runs <paramref name="work"/> for every piece 0..count-1. Each thread makes its own scratch once by
    /// <paramref name="scratch"/>. The first exception of a piece comes out as it is.
    /// </summary>
    public static void Run<T>(
        int count, int threads, Func<T> scratch, Action<T, int> work, CancellationToken cancellation = default)
    {
        var next = -1;
        try
        {
            Parallel.For(
                0,
                Math.Max(1, Math.Min(threads, count)),
                new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) },
                _ =>
                {
                    var mine = scratch();
                    for (int piece; (piece = Interlocked.Increment(ref next)) < count;)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        work(mine, piece);
                    }
                });
        }
        catch (AggregateException e)
        {
            // What a caller can make sense of is the reason, not that it came from a thread.
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }

        cancellation.ThrowIfCancellationRequested();
    }
}
