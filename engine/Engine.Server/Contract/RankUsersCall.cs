using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots.Ids;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// RankUsers, from request to the blocks of its reply: the same code in the server and on the command line.
/// </summary>
internal static class RankUsersCall
{
    private const int DefaultBlockSize = 1_000;
    private const int MaximumBlockSize = 10_000;

    /// <summary>
    /// Ranks at once, then gives one block after the other; the first, which is always there, carries the header
    /// fields. The model must stay pinned until the last block is taken.
    /// </summary>
    public static IEnumerable<Proto.RankUsersReply> Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RankUsersRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        var blockSize = BlockSizeOf(request);
        var answer = new RankUsersAnswer();
        var query = QueryOf(model, catalog, request, cancellation);
        UserRanker.Rank(model, query, answer, cancellation);
        return Blocks(model, query, answer, blockSize, clock);
    }

    /// <summary>Users in a block.</summary>
    /// <exception cref="InputException">It is out of its range.</exception>
    public static int BlockSizeOf(Proto.RankUsersRequest request)
    {
        var size = RequestFields.OrDefault(request.BlockSize, DefaultBlockSize);
        Require.Between("block_size", size, 1, MaximumBlockSize);
        return size;
    }

    /// <summary>Rows that an answer holds until its last block is taken.</summary>
    public static long RowsOf(ScoringModel model, Proto.RankUsersRequest request) => request.ValidateOnly ? 0
        : Math.Min(
            model.Snapshot.Manifest.UserCount,
            Math.Max(1, RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK)));

    private static RankUsersQuery QueryOf(
        ScoringModel model, WorkspaceCatalog catalog, Proto.RankUsersRequest request, CancellationToken cancellation)
    {
        if (request.Pool is not null && request.ProductId.Length > 0)
        {
            throw new FieldException("pool", "found product_id and pool, expected one of them");
        }

        var query = new RankUsersQuery
        {
            ProductId = request.Pool is null ? RequestFields.Needed("product_id", request.ProductId) : "",
            By = RequestFields.By(request.By),
            TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK),
            Purchased = RequestFields.Purchased(request.Purchased),
            ValidateOnly = request.ValidateOnly,
            AllowPartial = request.AllowPartial,
        };
        if (request.Pool is not null)
        {
            query.Pool = new ProductFilter();
            RequestFields.Fill(query.Pool, model, catalog, request.Pool, [], cancellation);
        }

        RequestFields.Fill(
            query, model, catalog, request.Audience, request.UserIds, request.InlineAudience, cancellation);
        return query;
    }

    private static IEnumerable<Proto.RankUsersReply> Blocks(
        ScoringModel model, RankUsersQuery query, RankUsersAnswer answer, int blockSize, CallClock clock)
    {
        var product = model.Snapshot.ProductIds.Find(query.ProductId);
        var block = Header(model, product, answer, clock);
        ReplyFields.WarnWhenEmpty(query.Pool, block.Warnings);
        for (var done = 0; ;)
        {
            done = Fill(block, model, product, answer, done, blockSize);
            block.ServerMicros = clock.Micros;
            yield return block;
            if (done == answer.Users.Length)
            {
                yield break;
            }

            block = new Proto.RankUsersReply();
        }
    }

    private static Proto.RankUsersReply Header(
        ScoringModel model, int product, RankUsersAnswer answer, CallClock clock)
    {
        var snapshot = model.Snapshot;
        var header = new Proto.RankUsersReply
        {
            SnapshotId = snapshot.SetId,
            ProductName = product < 0 ? "" : snapshot.ProductNames.Get(product),
            ProductCount = answer.ProductCount,
            EligibleCount = answer.EligibleCount,
            SkippedCount = answer.Skipped.Count,
            SkippedProductCount = answer.SkippedProducts,
        };
        ReplyFields.Fill(header.Skipped, answer.Skipped);
        ReplyFields.Fill(header.MissingBuckets, snapshot.MissingBuckets);
        clock.WarnWhenStale(snapshot, header.Warnings);
        return header;
    }

    private static int Fill(
        Proto.RankUsersReply block,
        ScoringModel model,
        int product,
        RankUsersAnswer answer,
        int done,
        int blockSize)
    {
        var snapshot = model.Snapshot;
        var end = Math.Min(done + blockSize, answer.Users.Length);
        foreach (var user in answer.Users[done..end])
        {
            var scored = new Proto.ScoredUser
            {
                UserId = snapshot.UserIds.Get(user.User.Value),
                Score = user.Score,
                Rank = done + 1,
                Place = snapshot.Shard is null ? 0 : snapshot.UserPlaces[user.User.Value],
            };
            var best = product >= 0 ? new ProductOrdinal(product)
                : answer.BestProducts.Count > 0 ? answer.BestProducts[done] : default(ProductOrdinal?);
            done++;
            block.Users.Add(scored);
            if (best is not { } scoredFor)
            {
                continue;
            }

            scored.ProductId = product < 0 ? snapshot.ProductIds.Get(scoredFor.Value) : "";
            (scored.Percentile, scored.PercentileError) =
                CalibratedScores.Place(snapshot, scoredFor, user.Score);
            if (CalibratedScores.Probability(snapshot, user.Score) is { } probability)
            {
                scored.Probability = probability;
            }
        }

        return end;
    }
}
