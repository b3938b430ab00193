using System.Runtime.ExceptionServices;
using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Search;

/// <summary>
/// Says what query number <paramref name="position"/> is. Its spans live in <paramref name="state"/> or longer.
/// </summary>
/// <typeparam name="TState">Working memory of one thread.</typeparam>
public delegate TopKQuery BatchQuery<in TState>(int position, TState state);

/// <summary>
/// Receives answers in order: <paramref name="counts"/>[i] entries of query first + i, from i x K on.
/// </summary>
public delegate void BatchSink(int first, ReadOnlySpan<ScoredRow> answers, ReadOnlySpan<int> counts);

/// <summary>
/// Top-K for many queries on all cores. Every query runs the very search that answers it alone, so answers agree bit
/// for bit and do not depend on the number of threads; memory depends on K and threads, never on the number of queries.
/// <para>No tile over users is needed: bounds leave a search only the head of the matrix (set S of bench/README.md,
/// K = 50: a third of the codes), which stays in the core's cache from one query to the next.</para>
/// </summary>
public sealed class BatchTopK
{
    /// <summary>Answers held at a time where it is not said, in entries of 8 bytes.</summary>
    private const int HeldEntries = 1 << 20;

    /// <summary>Queries that a thread takes at a time.</summary>
    private const int Slice = 16;

    private readonly TopKIndex? _index;
    private readonly TopKPool? _pool;
    private readonly int _threads;
    private readonly int _k;
    private readonly ScoredRow[] _answers;
    private readonly int[] _counts;

    /// <summary>A batch over <paramref name="index"/>.</summary>
    /// <param name="index">The rows to search.</param>
    /// <param name="k">Entries of an answer.</param>
    /// <param name="threads">Threads, 1 or more.</param>
    /// <param name="held">Answers held at a time, in entries of 8 bytes; at least one query for each thread is.</param>
    public BatchTopK(TopKIndex index, int k, int threads, int held = HeldEntries)
        : this(k, threads, held) => _index = index;

    /// <summary>A batch within <paramref name="pool"/>; its queries name no eligible rows of their own.</summary>
    /// <param name="pool">The pool to search.</param>
    /// <param name="k">Entries of an answer.</param>
    /// <param name="threads">Threads, 1 or more.</param>
    public BatchTopK(TopKPool pool, int k, int threads)
        : this(k, threads, HeldEntries) => _pool = pool;

    private BatchTopK(int k, int threads, int entries)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_k, _threads) = (k, threads);
        var held = Math.Clamp(entries / Math.Max(1, k), threads, 64 * 1024);
        _answers = new ScoredRow[checked(held * k)];
        _counts = new int[held];
    }

    /// <summary>Answers queries 0 .. <paramref name="queries"/> - 1 and hands the answers over in that order.</summary>
    /// <param name="queries">Number of queries.</param>
    /// <param name="newState">Makes one thread's working memory.</param>
    /// <param name="query">Says what a query is; called from several threads, each with its own state.</param>
    /// <param name="sink">Receives answers, on the calling thread.</param>
    /// <param name="cancellation">Stops between slices.</param>
    public void Run<TState>(
        int queries,
        Func<TState> newState,
        BatchQuery<TState> query,
        BatchSink sink,
        CancellationToken cancellation = default)
    {
        var workers =
            Enumerable.Range(0, _threads).Select(_ => (State: newState(), Scratch: new TopKScratch())).ToArray();
        for (var first = 0; first < queries; first += _counts.Length)
        {
            var (start, count, next) = (first, Math.Min(_counts.Length, queries - first), 0);
            ForEach(workers, worker =>
            {
                for (var at = Take(); at < count; at = Take())
                {
                    cancellation.ThrowIfCancellationRequested();
                    for (var i = at; i < Math.Min(count, at + Slice); i++)
                    {
                        var asked = query(start + i, worker.State);
                        var best = _answers.AsSpan(i * _k, _k);
                        _counts[i] = _pool?.Search(asked, best, worker.Scratch)
                            ?? _index!.Search(asked, best, worker.Scratch);
                    }
                }
            });
            sink(first, _answers.AsSpan(0, count * _k), _counts.AsSpan(0, count));

            int Take() => Interlocked.Add(ref next, Slice) - Slice;
        }
    }

    private static void ForEach<T>(T[] workers, Action<T> work)
    {
        if (workers.Length == 1)
        {
            work(workers[0]);
            return;
        }

        try
        {
            Parallel.ForEach(workers, ThreadChoice.Of(workers.Length), work);
        }
        catch (AggregateException error)
        {
            // The first thread's own exception says more than their collection.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
