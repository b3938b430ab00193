using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
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
        UserRanker.Rank(model, QueryOf(model, catalog, request, cancellation), answer, cancellation);
        return Blocks(model, request.ProductId, answer, blockSize, clock);
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
        var query = new RankUsersQuery
        {
            ProductId = RequestFields.Needed("product_id", request.ProductId),
            TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK),
            Purchased = RequestFields.Purchased(request.Purchased),
            ValidateOnly = request.ValidateOnly,
            AllowPartial = request.AllowPartial,
        };
        RequestFields.Fill(
            query, model, catalog, request.Audience, request.UserIds, request.InlineAudience, cancellation);
        return query;
    }

    private static IEnumerable<Proto.RankUsersReply> Blocks(
        ScoringModel model, string product, RankUsersAnswer answer, int blockSize, CallClock clock)
    {
        var block = Header(model, product, answer, clock);
        var ordinal = new ProductOrdinal(model.Snapshot.ProductIds.Find(product));
        for (var done = 0; ;)
        {
            done = Fill(block, model, ordinal, answer, done, blockSize);
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
        ScoringModel model, string product, RankUsersAnswer answer, CallClock clock)
    {
        var snapshot = model.Snapshot;
        var header = new Proto.RankUsersReply
        {
            SnapshotId = snapshot.SetId,
            ProductName = snapshot.ProductNames.Get(snapshot.ProductIds.Find(product)),
            EligibleCount = answer.EligibleCount,
            SkippedCount = answer.Skipped.Count,
        };
        ReplyFields.Fill(header.Skipped, answer.Skipped);
        ReplyFields.Fill(header.MissingBuckets, snapshot.MissingBuckets);
        clock.WarnWhenStale(snapshot, header.Warnings);
        return header;
    }

    private static int Fill(
        Proto.RankUsersReply block,
        ScoringModel model,
        ProductOrdinal product,
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
                Rank = ++done,
                Percentile = CalibratedScores.Percentile(snapshot, product, user.Score),
                PercentileError = CalibratedScores.PercentileError(snapshot, product, user.Score),
                Place = snapshot.Shard is null ? 0 : snapshot.UserPlaces[user.User.Value],
            };
            if (CalibratedScores.Probability(snapshot, user.Score) is { } probability)
            {
                scored.Probability = probability;
            }

            block.Users.Add(scored);
        }

        return end;
    }
}
