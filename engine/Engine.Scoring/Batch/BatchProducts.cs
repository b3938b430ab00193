using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Events;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Batch;

/// <summary>The products that compete for all users of a batch, resolved once, and the searches of its users.</summary>
internal sealed class BatchProducts
{
    private readonly ScoringModel _model;
    private readonly PurchasedPolicy _policy;
    private readonly EventView _events;

    /// <summary>Resolves which products compete for everyone.</summary>
    /// <param name="model">The leased model.</param>
    /// <param name="query">Filter, purchased policy and events count.</param>
    /// <param name="skipped">Receives ids that took no part.</param>
    /// <param name="cancellation">Looked at for every id.</param>
    public BatchProducts(
        ScoringModel model, RecommendQuery query, SkippedIds skipped, CancellationToken cancellation = default)
    {
        (_model, _policy, _events) = (model, query.Purchased, query.Events);
        Left = EligibleProducts.Resolve(model.Snapshot, query.Filter, skipped, Eligible, new Bitset(), cancellation);
    }

    /// <summary>The products.</summary>
    public Bitset Eligible { get; } = new();

    /// <summary>Products that each clause leaves.</summary>
    public EligibleCounts Left { get; }

    /// <summary>Products that compete for everyone.</summary>
    public int Count => Left.Exclusion;

    /// <summary>Packed rows of the products; null when they are too many, or differ by user.</summary>
    public TopKPool? Pack()
    {
        var pool = _policy != PurchasedPolicy.Only && Count < _model.Products.Rows
            ? new TopKPool(_model.ProductSearch, Eligible.Words)
            : null;
        return pool is { IsPacked: true } ? pool : null;
    }

    /// <summary>One thread's working memory.</summary>
    /// <param name="packed">Whether its searches run in <see cref="Pack"/>.</param>
    public Worker NewWorker(bool packed) => new(this, packed);

    /// <summary>Makes the searches of one user after the other.</summary>
    internal sealed class Worker(BatchProducts products, bool packed)
    {
        private readonly SparseSums _sparse = new();
        private readonly UserProducts _user = new();
        private readonly UserHistory _history = new(products._model.Snapshot);
        private readonly ProfileBuilder _basket = new(products._model.ProfileTables);
        private readonly FoldIn _foldIn = new(products._model.Snapshot);

        /// <summary>The search of one stored user; valid until the next call.</summary>
        /// <param name="user">User ordinal.</param>
        /// <param name="eligibleCount">Products that compete for this user.</param>
        public TopKQuery Query(int user, out int eligibleCount)
        {
            var snapshot = products._model.Snapshot;
            _history.Read(user, products._events);
            _user.Resolve(
                snapshot, products.Eligible, products.Count, products._policy, user, history: _history);
            eligibleCount = _user.Count;
            var profile = QueryProfile.OfUser(snapshot, user, _history, _basket, _foldIn);
            var query = Recommender.Query(snapshot, profile, _user, _sparse);
            return packed
                ? new TopKQuery { Vector = query.Vector, Sums = query.Sums, Excluded = query.Excluded }
                : query;
        }
    }
}
