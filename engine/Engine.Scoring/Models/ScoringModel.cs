using System.Runtime.CompilerServices;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Scoring.Pools;
using Engine.Scoring.Profiles;
using Engine.Scoring.Reranking;
using Engine.Snapshots;
using Engine.Snapshots.Format;

namespace Engine.Scoring.Models;

/// <summary>
/// A verified snapshot that is ready to answer: its views, and working memory that its queries reuse.
/// </summary>
public sealed class ScoringModel : IDisposable
{
    private readonly Stack<QueryScratch> _idle = new();
    private readonly ConditionalWeakTable<PoolDefinition, ResolvedPool> _pools = [];
    private readonly Lock _lock = new();
    private QueryScratch? _nextIdle;

    /// <summary>Takes ownership of <paramref name="snapshot"/>, which has been verified.</summary>
    /// <exception cref="SnapshotFormatException">Its re-ranker cannot be run.</exception>
    /// <param name="snapshot">Open and verified.</param>
    /// <param name="rerankers">
    /// Makes the snapshot's re-ranker; null leaves it out, and batches cannot be re-ranked.
    /// </param>
    /// <param name="cancellation">Ends the coding of the factors; the snapshot is closed.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public ScoringModel(
        Snapshot snapshot, RerankerFactory? rerankers = null, CancellationToken cancellation = default)
    {
        Snapshot = snapshot;
        Users = snapshot.UserFactors;
        Products = snapshot.ProductFactors;
        try
        {
            Reranker = rerankers?.Invoke(snapshot);
            ProfileTables = new ProfileTables(snapshot.Manifest.Weights, snapshot.Manifest.Preference);
            StoredProfiles.Build(snapshot, ProfileTables, cancellation);
            var rates = snapshot.Manifest.RateDimensions.Length;
            ProductSearch = TopKIndex.Build(Products, rates, cancellation);
            UserSearch = TopKIndex.Build(Users, rates, cancellation);
            UserScans = new UserScans(UserSearch, Environment.ProcessorCount);
            Cold = snapshot.Cold is { } cold ? new ScoringModel(cold, null, cancellation) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The mapped file.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>users x (factors + rates).</summary>
    public FactorRows Users { get; }

    /// <summary>products x (factors + rates), in descending norm.</summary>
    public FactorRows Products { get; }

    /// <summary>The tables that turn behavior into a profile.</summary>
    public ProfileTables ProfileTables { get; }

    /// <summary>Exact search over <see cref="Products"/>.</summary>
    public TopKIndex ProductSearch { get; }

    /// <summary>Exact search over <see cref="Users"/>.</summary>
    public TopKIndex UserSearch { get; }

    /// <summary>The new products, which compete only in placements that explore; null without any.</summary>
    public ScoringModel? Cold { get; }

    /// <summary>Corrects the scores of batches that ask for it; null when the snapshot has none.</summary>
    public IReranker? Reranker { get; }

    /// <summary>Searches over <see cref="UserSearch"/> that use all cores when that pays.</summary>
    internal UserScans UserScans { get; }

    /// <summary>
    /// The products of a pool, resolved once: the result is kept as long as the definition and the model are.
    /// </summary>
    /// <exception cref="RuleException">The rule is malformed, or does not fit the tags of the snapshot.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; nothing is kept.</exception>
    public ResolvedPool Resolve(PoolDefinition definition, CancellationToken cancellation = default)
    {
        if (_pools.TryGetValue(definition, out var known))
        {
            return known;
        }

        // Whoever is first wins: all callers get the same object.
        var resolved = new ResolvedPool(Snapshot, ProductSearch, definition, cancellation);
        return _pools.TryAdd(definition, resolved)
            ? resolved
            : _pools.TryGetValue(definition, out known) ? known : resolved;
    }

    /// <summary>
    /// How much work it is to resolve a pool, in comparisons and ids: nothing once it is resolved.
    /// </summary>
    /// <exception cref="RuleException">The rule is malformed.</exception>
    public long CostOf(PoolDefinition definition) => _pools.TryGetValue(definition, out _) ? 0
        : definition.ProductIds.Count
            + (definition.Rule.Length == 0 ? 0 : RuleCost.Of(Snapshot, ResolvedPool.Parse(definition.Rule)));

    /// <summary>Unmaps the snapshot. The host calls it when the last lease is released.</summary>
    public void Dispose()
    {
        Reranker?.Dispose();
        Cold?.Dispose();

        // Null where the constructor has failed.
        UserSearch?.Release();
        ProductSearch?.Release();
        Snapshot.Dispose();
    }

    internal QueryScratch Rent()
    {
        // One call after the other, as most come, takes no lock.
        if (Interlocked.Exchange(ref _nextIdle, null) is { } next)
        {
            return next;
        }

        lock (_lock)
        {
            if (_idle.TryPop(out var scratch))
            {
                return scratch;
            }
        }

        return new QueryScratch(this);
    }

    internal void Return(QueryScratch scratch)
    {
        if (Interlocked.CompareExchange(ref _nextIdle, scratch, null) is null)
        {
            return;
        }

        lock (_lock)
        {
            _idle.Push(scratch);
        }
    }
}
