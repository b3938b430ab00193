using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Snapshots.Ids;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>One BatchRecommend stream: what its first message says holds for all. One message at a time.</summary>
internal sealed class BatchCall
{
    private const int MaximumUsers = 100_000;

    private readonly ScoringModel _model;
    private readonly RecommendQuery _query = new();
    private readonly StreamedBatch _batch;
    private bool _begun;

    /// <summary>Resolves which products compete.</summary>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public BatchCall(ScoringModel model, WorkspaceCatalog catalog, Proto.BatchRecommendRequest first)
    {
        _model = model;
        _query.TopK = RequestFields.OrDefault(first.TopK, RequestFields.DefaultTopK);
        _query.Purchased = RequestFields.Purchased(first.Purchased);
        RequestFields.Fill(_query.Filter, model, catalog, first.Pool, first.ExcludeProductIds);
        _batch = new StreamedBatch(model, _query, Environment.ProcessorCount);
    }

    /// <summary>The rows of one message; the first reply carries the header fields.</summary>
    /// <exception cref="InputException">The message has too many users.</exception>
    public Proto.BatchRecommendReply Answer(Proto.BatchRecommendRequest request, CallClock clock, CancellationToken cancellation)
    {
        if (request.UserIds.Count > MaximumUsers)
        {
            throw new InputException($"found {request.UserIds.Count} user_ids in one message, expected at most {MaximumUsers}: send them in several");
        }

        var reply = new Proto.BatchRecommendReply();
        if (!_begun)
        {
            AddHeader(reply, clock);
            _begun = true;
        }

        AddRows(reply, request, cancellation);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private void AddRows(Proto.BatchRecommendReply reply, Proto.BatchRecommendRequest request, CancellationToken cancellation)
    {
        var (users, rows) = (new List<UserOrdinal>(request.UserIds.Count), new List<Proto.BatchRow>(request.UserIds.Count));
        foreach (var id in request.UserIds)
        {
            var user = _model.Snapshot.UserIds.Find(id);
            var row = new Proto.BatchRow { UserId = id, Source = user < 0 ? Proto.Source.None : Proto.Source.User };
            reply.Rows.Add(row);
            if (user >= 0)
            {
                users.Add(new UserOrdinal(user));
                rows.Add(row);
            }
        }

        _batch.Run(
            users.ToArray(),
            (position, products, eligibleCount) =>
            {
                rows[position].EligibleCount = eligibleCount;
                foreach (var product in products)
                {
                    rows[position].ProductIds.Add(_model.Snapshot.ProductIds.Get(product.Product.Value));
                    rows[position].Scores.Add(product.Score);
                }
            },
            cancellation);
    }

    private void AddHeader(Proto.BatchRecommendReply reply, CallClock clock)
    {
        var (snapshot, shared) = (_model.Snapshot, _batch.Shared);
        reply.SnapshotId = snapshot.Id;
        reply.EligibleCount = shared.EligibleCount;
        reply.ProductCount = snapshot.Manifest.ProductCount;
        reply.SkippedCount = shared.Skipped.Count;
        ClauseCounts.Fill(reply.Removed, _query.Filter, PurchasedPolicy.Include, shared);
        ReplyFields.Fill(reply.Skipped, shared.Skipped);
        clock.WarnWhenStale(snapshot, reply.Warnings);
    }
}
