using Engine.Scoring.Batch;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Snapshots.Ids;
using Engine.Server.Errors;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>One BatchRecommend stream: the first message sets the options of all. One message at a time.</summary>
internal sealed class BatchCall
{
    private const int MaximumUsers = 100_000;

    // Users x top_k that are held at once: a part of a second of one core, so that other heavy calls get their turn.
    private const int SliceRows = 100_000;
    private const int MinimumSlice = 8;

    // The tag and the length of a row in its reply, and room for server_micros.
    private const int RowOverhead = 16;

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
        if (request.UserIds.Count > MaximumUsers)
        {
            throw new FieldException(
                "user_ids",
                $"found {request.UserIds.Count} user_ids in one message; expected at most {MaximumUsers}. "
                + "Send them in several messages");
        }

        if ((long)request.UserIds.Count * _batch.TopK > _mostRows)
        {
            throw new FieldException(
                "user_ids",
                $"found {request.UserIds.Count:N0} user_ids x top_k {_batch.TopK:N0} = "
                + $"{(long)request.UserIds.Count * _batch.TopK:N0} rows in one message; "
                + $"expected at most {_mostRows:N0}. Send {Math.Max(1, _mostRows / _batch.TopK):N0} users in "
                + "a message, or lower top_k");
        }

        var reply = new Proto.BatchRecommendReply();
        if (!_begun)
        {
            AddHeader(reply, clock);
            _begun = true;
        }

        var size = (long)reply.CalculateSize();
        foreach (var slice in request.UserIds.Chunk(Math.Max(MinimumSlice, SliceRows / Math.Max(1, _batch.TopK))))
        {
            foreach (var row in Rows(slice, cancellation))
            {
                var bytes = row.CalculateSize() + RowOverhead;
                if (reply.Rows.Count > 0 && size + bytes > ReplyFields.MaximumBytes)
                {
                    reply.ServerMicros = clock.Micros;
                    yield return reply;
                    (reply, size) = (new Proto.BatchRecommendReply(), 0);
                }

                reply.Rows.Add(row);
                size += bytes;
            }
        }

        reply.ServerMicros = clock.Micros;
        yield return reply;
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
        clock.WarnWhenStale(snapshot, reply.Warnings);
    }
}
