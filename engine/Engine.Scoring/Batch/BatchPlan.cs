using System.Numerics;
using Engine.Scoring.Audiences;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Reranking;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Batch;

/// <summary>
/// Audience x pool on one snapshot, checked: who is answered, from which products, and who and what is left out. A pool of
/// exactly one declared product asks for each user's score instead of a top N.
/// </summary>
public sealed class BatchPlan
{
    /// <summary>The most pairs of declared users and declared products; as many are allowed.</summary>
    public const long MaximumPairs = 50_000_000_000;

    private readonly Bitset _eligible = new();

    /// <summary>Checks sizes and resolves exclusions.</summary>
    /// <param name="model">The model that answers; it must stay leased.</param>
    /// <param name="audience">Met with the model.</param>
    /// <param name="pool">Resolved on the model; null stands for every product of the snapshot.</param>
    /// <param name="topK">1..10,000.</param>
    /// <param name="excluded">Product ids that never are in the results.</param>
    /// <param name="purchased">What about products that a user purchased in the scope year.</param>
    /// <param name="blocked">Products that nobody gets, resolved on the model; null stands for none.</param>
    /// <param name="reasons">Why each row is there; null when rows carry no reasons.</param>
    /// <param name="rerank">Whether to re-rank, where the snapshot can; scores of a single product never are.</param>
    /// <exception cref="InputException">Too many pairs, or a top N out of its range.</exception>
    public BatchPlan(
        ScoringModel model,
        AudienceMembers audience,
        ResolvedPool? pool,
        int topK,
        IReadOnlyList<string> excluded,
        PurchasedPolicy purchased,
        ResolvedPool? blocked = null,
        CampaignReasons? reasons = null,
        bool rerank = false)
    {
        Require.Between("top_k", topK, 1, RecommendQuery.MaximumTopK);
        Model = model;
        Audience = audience;
        Purchased = purchased;
        DeclaredProducts = pool?.DeclaredCount ?? model.Snapshot.Manifest.ProductCount;
        CheckPairs(audience.DeclaredCount, DeclaredProducts);
        Users = audience.Ordinals();
        Pool = pool;
        Reasons = reasons;
        IsSingleProduct = pool is { DeclaredCount: 1 };
        TopK = IsSingleProduct ? 1 : topK;
        Reranker = rerank && !IsSingleProduct ? model.Reranker : null;
        _eligible.Fill(model.Snapshot.Manifest.ProductCount);
        if (pool is not null)
        {
            _eligible.IntersectWith(pool.Products);
        }

        if (blocked is not null)
        {
            var before = _eligible.Count;
            _eligible.Subtract(blocked.Products);
            BlockedCount = before - _eligible.Count;
        }

        foreach (var id in excluded)
        {
            var product = model.Snapshot.ProductIds.Find(id);
            if (product < 0)
            {
                Excluded.Add(id, SkipReason.UnknownProduct);
            }
            else if (_eligible.Remove(product))
            {
                ExcludedCount++;
            }
        }

        EligibleCount = _eligible.Count;
    }

    /// <summary>The model that answers.</summary>
    public ScoringModel Model { get; }

    /// <summary>As declared.</summary>
    public AudienceMembers Audience { get; }

    /// <summary>User ordinals by ascending ordinal: the order of the results.</summary>
    public int[] Users { get; }

    /// <summary>As declared; null stands for every product.</summary>
    public ResolvedPool? Pool { get; }

    /// <summary>Products of the pool as declared.</summary>
    public long DeclaredProducts { get; }

    /// <summary>Products that compete.</summary>
    public int EligibleCount { get; }

    /// <summary>Products of the pool that are blocked.</summary>
    public int BlockedCount { get; }

    /// <summary>Products of the pool that the exclusions removed.</summary>
    public int ExcludedCount { get; }

    /// <summary>Excluded ids that the snapshot does not know.</summary>
    public SkippedIds Excluded { get; } = new();

    /// <summary>Rows of one user at most.</summary>
    public int TopK { get; }

    /// <summary>Corrects the scores of each user's best before the first <see cref="TopK"/> are taken; null when nothing does.</summary>
    public Reranker? Reranker { get; }

    /// <summary>Whether rows are scores for the one product of the pool, without rank.</summary>
    public bool IsSingleProduct { get; }

    /// <summary>What about purchased products.</summary>
    public PurchasedPolicy Purchased { get; }

    /// <summary>Why each row is there, when rows say so.</summary>
    public CampaignReasons? Reasons { get; }

    /// <summary>The products that compete, one bit each.</summary>
    public ReadOnlySpan<ulong> EligibleWords => _eligible.Words;

    internal Bitset Eligible => _eligible;

    /// <exception cref="InputException">More pairs than a task may have; the message holds the multiplication.</exception>
    public static void CheckPairs(long users, long products)
    {
        var pairs = (BigInteger)users * products;
        if (pairs > MaximumPairs)
        {
            throw new InputException($"found {users:N0} users x {products:N0} products = {pairs:N0} pairs, expected at most {MaximumPairs:N0}: split the audience or narrow the pool");
        }
    }
}
