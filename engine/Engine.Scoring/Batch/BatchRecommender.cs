using Engine.Kernels.Search;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>
/// Answers a plan part by part. Every row that is not re-ranked equals the online answer bit for bit; parts depend on the plan alone, never on who
/// answers them, so that threads take them in any order and a run may stop after any part and go on there.
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
    public int Parts => _plan.EligibleCount == 0 ? 0 : (int)(((long)_plan.Users.Length + PartUsers - 1) / PartUsers);

    /// <summary>Working memory of one thread: one part's answers.</summary>
    public BatchWorker NewWorker() => new(
        this,
        _pool is null ? new BatchTopK(_plan.Model.ProductSearch, Found, 1) : new BatchTopK(_pool, Found, 1),
        _plan.Products.NewWorker(packed: _pool is not null),
        _plan.Reranker is null ? null : new RerankStage(_plan.Model.Snapshot, _plan.Reranker, _plan.TopK));

    /// <summary>The users of a part.</summary>
    /// <param name="part">0 .. <see cref="Parts"/> - 1.</param>
    internal ReadOnlyMemory<UserOrdinal> UsersOf(int part) =>
        _plan.Users.AsMemory(part * PartUsers, Math.Min(PartUsers, _plan.Users.Length - (part * PartUsers)));
}

/// <summary>One thread of a batch.</summary>
public sealed class BatchWorker
{
    private readonly BatchRecommender _batch;
    private readonly BatchTopK _search;
    private readonly BatchProducts.Worker _state;
    private readonly RerankStage? _stage;

    internal BatchWorker(BatchRecommender batch, BatchTopK search, BatchProducts.Worker state, RerankStage? stage) =>
        (_batch, _search, _state, _stage) = (batch, search, state, stage);

    /// <summary>Answers one part.</summary>
    /// <param name="part">Its number.</param>
    /// <param name="rows">Receives the answers in the order of the users, in one call or several, on the calling thread.</param>
    /// <param name="cancellation">Stops within the part.</param>
    public void Run(int part, BatchRowsSink rows, CancellationToken cancellation)
    {
        var users = _batch.UsersOf(part);
        _search.Run(
            users.Length,
            () => _state,
            (position, state) => state.Query(users.Span[position].Value, out _),
            (from, answers, counts) =>
            {
                var found = new BatchRows(users.Span.Slice(from, counts.Length), ScoredRow.As<ScoredProduct>(answers), counts);
                rows(_stage is null ? found : _stage.Apply(found));
            },
            cancellation);
    }
}

/// <summary>Receives answers of a part.</summary>
public delegate void BatchRowsSink(BatchRows rows);

/// <summary>Answers of some users.</summary>
/// <param name="users">The users.</param>
/// <param name="answers">K entries a user, the first of them filled, best first.</param>
/// <param name="counts">How many are filled, a user.</param>
public readonly ref struct BatchRows(ReadOnlySpan<UserOrdinal> users, ReadOnlySpan<ScoredProduct> answers, ReadOnlySpan<int> counts)
{
    /// <summary>The users.</summary>
    public ReadOnlySpan<UserOrdinal> Users { get; } = users;

    /// <summary>Filled entries a user.</summary>
    public ReadOnlySpan<int> Counts { get; } = counts;

    private ReadOnlySpan<ScoredProduct> Answers { get; } = answers;

    /// <summary>The products of user number <paramref name="index"/>, best first.</summary>
    public ReadOnlySpan<ScoredProduct> Of(int index) => Answers.Slice(index * (Answers.Length / Counts.Length), Counts[index]);
}
