using Engine.Kernels.Search;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>
/// Answers a plan part by part. Every row that is not re-ranked equals the online answer bit for bit; parts depend on
/// the plan alone, never on who answers them, so that threads take them in any order and a run may stop after any part
/// and go on there.
/// </summary>
public sealed class BatchRecommender
{
    // As many rows are answered at a time: 8 MB of them.
    private const int PartRows = 1 << 20;
    private const int MaximumPartUsers = 1 << 16;

    private readonly BatchPlan _plan;
    private readonly TopKPool? _pool;

    /// <summary>A batch of a plan.</summary>
    public BatchRecommender(BatchPlan plan)
    {
        _plan = plan;
        Found = Math.Max(plan.TopK, plan.Reranker?.Candidates ?? 0);
        PartUsers = Math.Clamp(PartRows / Found, 1, MaximumPartUsers);
        _pool = plan.Products.Pack();
    }

    /// <summary>Products that are searched for a user: more than are answered when they are re-ranked.</summary>
    private int Found { get; }

    /// <summary>Users of a part; the last part may have fewer.</summary>
    public int PartUsers { get; }

    /// <summary>Parts in all.</summary>
    public int Parts => _plan.EligibleCount == 0 ? 0 : (int)(((long)_plan.UserCount + PartUsers - 1) / PartUsers);

    /// <summary>The only pairs that get rows; null for all.</summary>
    internal PairSelection? Selection => _plan.Selection;

    /// <summary>Working memory of one thread: one part's answers.</summary>
    public BatchWorker NewWorker() => new(
        this,
        _pool is null ? new BatchTopK(_plan.Model.ProductSearch, Found, 1) : new BatchTopK(_pool, Found, 1),
        _plan.Products.NewWorker(packed: _pool is not null),
        _plan.Reranker is null ? null : new RerankStage(_plan.Model.Snapshot, _plan.Reranker, _plan.TopK));

    /// <summary>The users of a part.</summary>
    /// <param name="part">0 .. <see cref="Parts"/> - 1.</param>
    internal ReadOnlyMemory<UserOrdinal> UsersOf(int part) =>
        _plan.Users.AsMemory(part * PartUsers, Math.Min(PartUsers, _plan.UserCount - (part * PartUsers)));
}
