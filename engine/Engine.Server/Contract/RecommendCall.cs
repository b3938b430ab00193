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

    /// <summary>Answers from one model. Allocates only the reply.</summary>
    public static Proto.RecommendReply Answer(ScoringModel model, WorkspaceCatalog catalog, Proto.RecommendRequest request, CallClock clock)
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
            RequestFields.Fill(query.Recent, request.Recent);
            RequestFields.Fill(query.Filter, model, catalog, request.Pool, request.ExcludeProductIds);
            Recommender.Recommend(model, work.Query, work.Answer);
            return Reply(model, work.Query.Filter, work.Query.Purchased, work.Answer, clock);
        }
        finally
        {
            Idle.Return(work);
        }
    }

    /// <summary>The reply to a user or to an audience.</summary>
    public static Proto.RecommendReply Reply(
        ScoringModel model, ProductFilter filter, PurchasedPolicy purchased, RecommendAnswer answer, CallClock clock)
    {
        var snapshot = model.Snapshot;
        var reply = new Proto.RecommendReply
        {
            SnapshotId = snapshot.Id,
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
            if (answer.Source is not (ScoreSource.Popularity or ScoreSource.Audience))
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

        ClauseCounts.Fill(reply.Removed, filter, purchased, answer);
        ReplyFields.Fill(reply.Skipped, answer.Skipped);
        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private sealed class Work
    {
        public RecommendQuery Query { get; } = new();

        public RecommendAnswer Answer { get; } = new();
    }
}
