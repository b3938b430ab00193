using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Snapshots.Ids;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>One BatchRecommend stream: the first message sets the options of all. One message at a time.</summary>
internal sealed class BatchCall
{
    private readonly ScoringModel _model;
    private readonly RecommendQuery _query = new();
    private readonly StreamedBatch _batch;
    private readonly int _mostRows;
    private bool _begun;

    /// <summary>Resolves which products compete.</summary>
    /// <param name="model">Pinned until the stream ends.</param>
    /// <param name="catalog">Pools and blocked products.</param>
    /// <param name="first">The first message.</param>
    /// <param name="mostRows">Users x top_k of one message.</param>
    /// <param name="cancellation">Ends the resolution early.</param>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public BatchCall(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.BatchRecommendRequest first,
        int mostRows,
        CancellationToken cancellation)
    {
        (_model, _mostRows) = (model, mostRows);
        _query.TopK = RequestFields.OrDefault(first.TopK, RequestFields.DefaultTopK);
        _query.Purchased = RequestFields.Purchased(first.Purchased);
        _query.Events = catalog.Events.View(first.HasEventsVersion ? first.EventsVersion : null);
        RequestFields.Fill(_query.Filter, model, catalog, first.Pool, first.ExcludeProductIds, cancellation);
        _batch = new StreamedBatch(model, _query, Environment.ProcessorCount, cancellation);
    }

    /// <summary>
    /// The rows of one message in one or more replies, each below the limit of a message; the first reply of the stream
    /// carries the header fields. Memory: one slice of users, however many a message names.
    /// </summary>
    /// <exception cref="InputException">The message has too many users.</exception>
    public IEnumerable<Proto.BatchRecommendReply> Answer(
        Proto.BatchRecommendRequest request, CallClock clock, CancellationToken cancellation)
    {
        BatchMessages.Check(request, _batch.TopK, _mostRows);
        var reply = new Proto.BatchRecommendReply();
        if (!_begun)
        {
            AddHeader(reply, clock);
            _begun = true;
        }

        var messages = new BatchMessages(reply);
        foreach (var slice in BatchMessages.Slices(request, _batch.TopK))
        {
            foreach (var row in Rows(slice, cancellation))
            {
                if (messages.Add(row, clock) is { } full)
                {
                    yield return full;
                }
            }
        }

        yield return messages.Last(clock);
    }

    private Proto.BatchRow[] Rows(string[] ids, CancellationToken cancellation)
    {
        var all = new Proto.BatchRow[ids.Length];
        var (users, rows) = (new List<UserOrdinal>(ids.Length), new List<Proto.BatchRow>(ids.Length));
        for (var i = 0; i < ids.Length; i++)
        {
            var user = _model.Snapshot.FindUser(ids[i]);
            all[i] = new Proto.BatchRow { UserId = ids[i], Source = user < 0 ? Proto.Source.None : Proto.Source.User };
            if (user >= 0)
            {
                users.Add(new UserOrdinal(user));
                rows.Add(all[i]);
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
        return all;
    }

    private void AddHeader(Proto.BatchRecommendReply reply, CallClock clock)
    {
        var (snapshot, shared) = (_model.Snapshot, _batch.Shared);
        reply.SnapshotId = snapshot.SetId;
        reply.EventsVersion = _query.Events.Version;
        reply.EligibleCount = shared.EligibleCount;
        reply.ProductCount = snapshot.Manifest.ProductCount;
        reply.SkippedCount = shared.Skipped.Count;
        ClauseCounts.Fill(reply.Removed, _query.Filter, PurchasedPolicy.Include, shared);
        ReplyFields.Fill(reply.Skipped, shared.Skipped);
        ReplyFields.WarnWhenEmpty(_query.Filter, reply.Warnings);
        clock.WarnWhenStale(snapshot, reply.Warnings);
    }
}
