using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Microsoft.Extensions.ObjectPool;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Recommend, from request to reply: the same code in the server and on the command line.</summary>
internal static class RecommendCall
{
    private static readonly ObjectPool<Work> Idle = ObjectPool.Create<Work>();

    /// <summary>Answers from one model with a message.</summary>
    public static Proto.RecommendReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        Proto.RecommendReply? reply = null;
        Answer(model, catalog, request, clock, facts => reply = Message(facts), cancellation);
        return reply!;
    }

    /// <summary>Answers from one model. Allocates nothing of its own after warm-up.</summary>
    /// <param name="model">Leased during the call.</param>
    /// <param name="catalog">The workspace's pools, audiences and blocked products.</param>
    /// <param name="request">The request.</param>
    /// <param name="clock">Measures the call.</param>
    /// <param name="use">Gives the reply its form; the facts end with this call.</param>
    /// <param name="cancellation">The caller has gone.</param>
    public static void Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendRequest request,
        CallClock clock,
        Action<RecommendFacts> use,
        CancellationToken cancellation = default)
    {
        var work = Idle.Get();
        try
        {
            var query = work.Query;
            query.UserId = request.UserId;
            query.TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK);
            query.Purchased = RequestFields.Purchased(request.Purchased);
            query.OnUnknown = RequestFields.OnUnknown(request.OnUnknown);
            query.Explain = request.Explain;
            query.ValidateOnly = request.ValidateOnly;
            query.Events = catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null);
            RequestFields.Fill(query.Recent, request.Recent);
            RequestFields.Fill(query.Filter, model, catalog, request.Pool, request.ExcludeProductIds, cancellation);
            Recommender.Recommend(model, query, work.Answer, cancellation);
            work.Clauses.Set(query.Filter, query.Purchased, work.Answer);
            use(new RecommendFacts(model.Snapshot, work.Answer, work.Clauses, clock, query.Filter));
        }
        finally
        {
            Idle.Return(work);
        }
    }

    /// <summary>The message of a reply to a user or to an audience.</summary>
    public static Proto.RecommendReply Message(RecommendFacts facts)
    {
        var (snapshot, answer) = (facts.Snapshot, facts.Answer);
        var reply = new Proto.RecommendReply
        {
            SnapshotId = snapshot.SetId,
            Source = ReplyFields.SourceOf(answer.Source),
            EligibleCount = answer.EligibleCount,
            ProductCount = snapshot.Manifest.ProductCount,
            SkippedCount = answer.Skipped.Count,
        };
        foreach (var product in answer.Products)
        {
            var scored = new Proto.ScoredProduct
            {
                ProductId = snapshot.ProductIds.Get(product.Product.Value),
                ProductName = snapshot.ProductNames.Get(product.Product.Value),
                Score = product.Score,
                Rank = reply.Products.Count + 1,
            };
            if (facts.IsCalibrated)
            {
                ReplyFields.Calibrate(snapshot, product.Product, scored);
            }

            reply.Products.Add(scored);
        }

        for (var i = 0; i < answer.Explanations.Count; i++)
        {
            reply.Products[i].RoundingBound = answer.Explanations.Bound(i);
            ReplyFields.Fill(reply.Products[i].Contributions, snapshot, answer.Explanations.Terms(i));
        }

        facts.Clauses.CopyTo(reply.Removed);
        ReplyFields.Fill(reply.Skipped, answer.Skipped);
        ReplyFields.WarnWhenEmpty(facts.Filter, reply.Warnings);
        facts.Clock.WarnWhenStale(snapshot, reply.Warnings);
        (reply.EventsVersion, reply.EventCount) = (answer.EventsVersion, answer.EventCount);
        reply.ServerMicros = facts.Clock.Micros;
        return reply;
    }

    private sealed class Work
    {
        public RecommendQuery Query { get; } = new();

        public RecommendAnswer Answer { get; } = new();

        public ClauseCounts Clauses { get; } = new();
    }
}
