using System.Globalization;
using System.Numerics;
using Engine.Scoring.Audiences;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Reranking;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>
/// Audience x pool on one snapshot, checked: who is answered, from which products, and who and what is left out. A pool
/// of exactly one declared product asks for each user's score instead of a top N.
/// </summary>
public sealed class BatchPlan
{
    /// <summary>The most pairs of declared users and declared products; as many are allowed.</summary>
    public const long MaximumPairs = 50_000_000_000;

    private UserOrdinal[]? _users;

    /// <summary>Checks sizes and resolves which products compete.</summary>
    /// <param name="model">The model that answers; it must stay leased.</param>
    /// <param name="audience">Resolved on the model.</param>
    /// <param name="query">
    /// Top-K, filter, purchased policy and events count; a saved pool is resolved on the model.
    /// </param>
    /// <param name="reasons">Why each row is there; null when rows carry no reasons.</param>
    /// <param name="rerank">Whether to re-rank, where the snapshot can; scores of a single product never are.</param>
    /// <exception cref="InputException">
    /// Too many pairs, a top N out of its range, or a re-ranker that was not loaded.
    /// </exception>
    public BatchPlan(
        ScoringModel model,
        AudienceMembers audience,
        RecommendQuery query,
        CampaignReasons? reasons = null,
        bool rerank = false)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        Model = model;
        Audience = audience;
        Pool = query.Filter.SavedPool;
        Purchased = query.Purchased;
        EventsVersion = query.Events.Version;
        DeclaredProducts = Pool?.DeclaredCount ?? model.Snapshot.Manifest.ProductCount;
        CheckPairs(audience.DeclaredCount, DeclaredProducts);
        Reasons = reasons;
        IsSingleProduct = Pool is { DeclaredCount: 1 };
        TopK = IsSingleProduct ? 1 : query.TopK;
        Reranker = rerank && !IsSingleProduct ? RerankerOf(model) : null;
        Products = new BatchProducts(model, query, Excluded);
    }

    /// <summary>The model that answers.</summary>
    public ScoringModel Model { get; }

    /// <summary>As declared.</summary>
    public AudienceMembers Audience { get; }

    /// <summary>
    /// The order of the results: by ascending ordinal until <see cref="OrderUsers"/> sets another one.
    /// </summary>
    public UserOrdinal[] Users => _users ??= Audience.Ordinals();

    /// <summary>Length of <see cref="Users"/>, which a plan that is only checked never lists.</summary>
    public int UserCount => _users?.Length ?? Audience.InScopeCount;

    /// <summary>As declared; null stands for every product.</summary>
    public ResolvedPool? Pool { get; }

    /// <summary>Products of the pool as declared.</summary>
    public long DeclaredProducts { get; }

    /// <summary>Products that compete.</summary>
    public int EligibleCount => Products.Count;

    /// <summary>Products of the pool that are blocked.</summary>
    public int BlockedCount => Products.Left.Listed - Products.Left.Blocked;

    /// <summary>Products of the pool that the exclusions removed.</summary>
    public int ExcludedCount => Products.Left.Blocked - Products.Left.Exclusion;

    /// <summary>Ids of the filter that took no part.</summary>
    public SkippedIds Excluded { get; } = new();

    /// <summary>Rows of one user at most.</summary>
    public int TopK { get; }

    /// <summary>
    /// Corrects the scores of each user's best before the first <see cref="TopK"/> are taken; null when nothing does.
    /// </summary>
    public IReranker? Reranker { get; }

    /// <summary>Whether rows are scores for the one product of the pool, without rank.</summary>
    public bool IsSingleProduct { get; }

    /// <summary>What about purchased products.</summary>
    public PurchasedPolicy Purchased { get; }

    /// <summary>The events that its answers see; 0 for none.</summary>
    public long EventsVersion { get; }

    /// <summary>Why each row is there, when rows say so.</summary>
    public CampaignReasons? Reasons { get; }

    /// <summary>The only pairs that get rows; null for all.</summary>
    public PairSelection? Selection { get; private set; }

    /// <summary>The products that compete, one bit each.</summary>
    public ReadOnlySpan<ulong> EligibleWords => Products.Eligible.Words;

    internal BatchProducts Products { get; }

    /// <summary>The same plan for some of its users.</summary>
    /// <param name="users">By ascending ordinal.</param>
    public BatchPlan For(UserOrdinal[] users)
    {
        var part = (BatchPlan)MemberwiseClone();
        part._users = users;
        return part;
    }

    /// <summary>The same plan with rows for some pairs alone.</summary>
    public BatchPlan Only(PairSelection selection)
    {
        var part = (BatchPlan)MemberwiseClone();
        part.Selection = selection;
        return part;
    }

    /// <summary>Answers these users, in this order, before any worker starts.</summary>
    public void OrderUsers(UserOrdinal[] users) => _users = users;

    /// <exception cref="InputException">
    /// More pairs than a task may have; the message holds the multiplication.
    /// </exception>
    public static void CheckPairs(long users, long products)
    {
        var pairs = (BigInteger)users * products;
        if (pairs > MaximumPairs)
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"found {users:N0} users x {products:N0} products = {pairs:N0} pairs, "
                + $"expected at most {MaximumPairs:N0}: split the audience or narrow the pool"));
        }
    }

    private static IReranker? RerankerOf(ScoringModel model) =>
        model.Reranker is null && model.Snapshot.Manifest.Reranker is not null
            ? throw new InputException(
                $"the re-ranker of snapshot {model.Snapshot.Id} is not loaded; "
                + "open the snapshot with a re-ranker factory (OnnxReranker.Open of "
                + "Engine.Reranking), or do not re-rank")
            : model.Reranker;
}
