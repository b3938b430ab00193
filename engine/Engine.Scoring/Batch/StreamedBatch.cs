using Engine.Kernels.Search;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Scoring.Batch;

/// <summary>
/// The top-K products of many stored users on all cores: each row is what Recommend answers for that user, bit for bit,
/// at any number of threads. Which products compete is resolved once; memory depends on K and threads, never on the
/// number of users. One call at a time.
/// </summary>
public sealed class StreamedBatch
{
    // Many streams may be open, each with its own: 1 MB.
    private const int HeldEntries = 1 << 17;

    private readonly BatchTopK _search;
    private readonly BatchProducts.Worker[] _workers;

    /// <summary>Resolves which products compete.</summary>
    /// <param name="model">The model; its lease must outlive the stream.</param>
    /// <param name="query">Top-K, filter and purchased policy count.</param>
    /// <param name="threads">1 or more.</param>
    /// <exception cref="InputException">A field is out of its range.</exception>
    /// <param name="cancellation">Ends the resolution early.</param>
    public StreamedBatch(
        ScoringModel model, RecommendQuery query, int threads, CancellationToken cancellation = default)
    {
        Require.Between("top_k", query.TopK, 1, RecommendQuery.MaximumTopK);
        var products = new BatchProducts(model, query, Shared.Skipped, cancellation);
        Shared.FillCounts(model.Snapshot.Manifest.ProductCount, products.Left);
        TopK = Math.Min(query.TopK, products.Count);
        _search = new BatchTopK(model.ProductSearch, TopK, threads, HeldEntries);
        _workers = [.. Enumerable.Range(0, threads).Select(_ => products.NewWorker(packed: false))];
    }

    /// <summary>
    /// What holds for all users: eligible products, what each clause removed, ids that took no part. No products.
    /// </summary>
    public RecommendAnswer Shared { get; } = new();

    /// <summary>Most products in a row: the K that was asked for, or fewer if fewer compete.</summary>
    public int TopK { get; }

    /// <summary>Answers the users in their order.</summary>
    /// <param name="users">The users; one may be repeated.</param>
    /// <param name="row">
    /// Receives, on the calling thread, each user's place in the list, the products, best first, and how many competed.
    /// </param>
    /// <param name="cancellation">Stops between users.</param>
    public void Run(ReadOnlyMemory<UserOrdinal> users, StreamedRow row, CancellationToken cancellation = default)
    {
        var eligible = new int[users.Length];
        var made = 0;
        _search.Run(
            users.Length,
            () => _workers[made++],
            (position, state) => state.Query(users.Span[position].Value, out eligible[position]),
            (first, answers, counts) =>
            {
                for (var i = 0; i < counts.Length; i++)
                {
                    row(
                        first + i,
                        ScoredRow.As<ScoredProduct>(answers.Slice(i * TopK, counts[i])),
                        eligible[first + i]);
                }
            },
            cancellation);
    }
}

/// <summary>Receives one user's answer.</summary>
/// <param name="position">The user's place in the list.</param>
/// <param name="products">Best first; ties by ordinal.</param>
/// <param name="eligibleCount">Products that competed.</param>
public delegate void StreamedRow(int position, ReadOnlySpan<ScoredProduct> products, int eligibleCount);
