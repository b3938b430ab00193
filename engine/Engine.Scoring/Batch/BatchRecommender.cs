using System.Collections.Concurrent;
using Engine.Model.Kernels;
using Engine.Scoring.Queries;

namespace Engine.Scoring.Batch;

/// <summary>
/// Answers a plan part by part on all cores. Every row equals the online answer bit for bit; parts depend on the plan alone,
/// never on the number of threads, so a run may stop after any part and go on there. Memory: one part's answers.
/// </summary>
public sealed class BatchRecommender
{
    // As many rows are answered at a time: 8 MB of them.
    private const int PartRows = 1 << 20;
    private const int MaximumPartUsers = 1 << 16;

    private readonly BatchPlan _plan;
    private readonly BatchTopK _batch;
    private readonly ConcurrentBag<BatchState> _states;

    /// <summary>A batch of a plan.</summary>
    /// <param name="plan">What is asked.</param>
    /// <param name="threads">1 or more.</param>
    public BatchRecommender(BatchPlan plan, int threads)
    {
        _plan = plan;
        PartUsers = Math.Clamp(PartRows / plan.TopK, 1, MaximumPartUsers);
        var pool = plan.Purchased != PurchasedPolicy.Only && plan.EligibleCount < plan.Model.Products.Rows
            ? new TopKPool(plan.Model.ProductSearch, plan.EligibleWords)
            : null;
        _batch = pool is { IsPacked: true }
            ? new BatchTopK(pool, plan.TopK, threads)
            : new BatchTopK(plan.Model.ProductSearch, plan.TopK, threads);
        _states = [.. Enumerable.Range(0, threads).Select(_ => new BatchState(plan, pool is { IsPacked: true }))];
    }

    /// <summary>Users of a part; the last part may have fewer.</summary>
    public int PartUsers { get; }

    /// <summary>Parts in all.</summary>
    public int Parts => _plan.EligibleCount == 0 ? 0 : (int)(((long)_plan.Users.Length + PartUsers - 1) / PartUsers);

    /// <summary>Answers one part.</summary>
    /// <param name="part">0 .. <see cref="Parts"/> - 1.</param>
    /// <param name="rows">Receives the answers, on the calling thread.</param>
    /// <param name="cancellation">Stops within the part.</param>
    public void Run(int part, BatchRowsSink rows, CancellationToken cancellation)
    {
        var first = part * PartUsers;
        var users = _plan.Users.AsMemory(first, Math.Min(PartUsers, _plan.Users.Length - first));
        var states = new ConcurrentBag<BatchState>(_states);
        _batch.Run(
            users.Length,
            () => states.TryTake(out var state) ? state : throw new InvalidOperationException("a batch has one state a thread"),
            (position, state) => state.Query(users.Span[position]),
            (from, answers, counts) => rows(new BatchRows(users.Span.Slice(from, counts.Length), answers, counts)),
            cancellation);
    }
}

/// <summary>Receives the answers of a part.</summary>
public delegate void BatchRowsSink(BatchRows rows);

/// <summary>Answers of some users.</summary>
/// <param name="users">Their ordinals.</param>
/// <param name="answers">K entries a user, the first of them filled, best first.</param>
/// <param name="counts">How many are filled, a user.</param>
public readonly ref struct BatchRows(ReadOnlySpan<int> users, ReadOnlySpan<ScoredProduct> answers, ReadOnlySpan<int> counts)
{
    /// <summary>User ordinals.</summary>
    public ReadOnlySpan<int> Users { get; } = users;

    /// <summary>Filled entries a user.</summary>
    public ReadOnlySpan<int> Counts { get; } = counts;

    private ReadOnlySpan<ScoredProduct> Answers { get; } = answers;

    /// <summary>The products of user number <paramref name="index"/>, best first.</summary>
    public ReadOnlySpan<ScoredProduct> Of(int index) => Answers.Slice(index * (Answers.Length / Counts.Length), Counts[index]);
}
