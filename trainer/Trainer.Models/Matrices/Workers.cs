using System.Runtime.ExceptionServices;
using Trainer.Data.Running;

namespace Trainer.Models.Matrices;

/// <summary>
/// Hands out independent pieces of work to the threads of a run, in order; any thread may get any piece, so pieces must
/// not depend on each other.
/// </summary>
public static class Workers
{
    /// <summary>Runs <paramref name="work"/> for every piece 0..count-1.</summary>
    public static void Run(int count, RunContext run, Action<int> work) =>
        Run(count, run, () => work, (action, piece) => action(piece));

    /// <summary>
    /// The same with scratch memory: each thread makes its own once by <paramref name="scratch"/>. The first exception
    /// of a piece is thrown as it is. A canceled run ends before its next piece.
    /// </summary>
    public static void Run<T>(int count, RunContext run, Func<T> scratch, Action<T, int> work)
    {
        var next = -1;
        try
        {
            Parallel.For(
                0,
                Math.Max(1, Math.Min(run.Threads, count)),
                new ParallelOptions { MaxDegreeOfParallelism = run.Threads },
                _ =>
                {
                    var mine = scratch();
                    for (int piece; (piece = Interlocked.Increment(ref next)) < count;)
                    {
                        run.Cancel.ThrowIfCancellationRequested();
                        work(mine, piece);
                    }
                });
        }
        catch (AggregateException e)
        {
            // Callers handle the reason; the thread does not matter to them.
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }

        run.Cancel.ThrowIfCancellationRequested();
    }
}
