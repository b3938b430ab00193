using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Microsoft.Extensions.ObjectPool;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>RelatedProducts, from request to reply: the same code in the server and on the command line.</summary>
internal static class RelatedCall
{
    private static readonly ObjectPool<Work> Idle = ObjectPool.Create<Work>();

    /// <summary>Answers from one model.</summary>
    public static Proto.RelatedProductsReply Answer(ScoringModel model, WorkspaceCatalog catalog, Proto.RelatedProductsRequest request, CallClock clock)
    {
        var work = Idle.Get();
        try
        {
            work.Query.ProductId = RequestFields.Needed("product_id", request.ProductId);
            work.Query.TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK);
            work.Query.ValidateOnly = request.ValidateOnly;
            RequestFields.Fill(work.Query.Filter, model, catalog, request.Pool, request.ExcludeProductIds);
            RelatedProducts.Find(model, work.Query, work.Answer);
            return Reply(model, request.ProductId, work.Answer, clock);
        }
        finally
        {
            Idle.Return(work);
        }
    }

    private static Proto.RelatedProductsReply Reply(ScoringModel model, string asked, RelatedAnswer answer, CallClock clock)
    {
        var snapshot = model.Snapshot;
        var reply = new Proto.RelatedProductsReply
        {
            SnapshotId = snapshot.Id,
            ProductName = snapshot.ProductNames.Get(snapshot.ProductIds.Find(asked)),
            EligibleCount = answer.EligibleCount,
            SkippedCount = answer.Skipped.Count,
        };
        foreach (var product in answer.Products)
        {
            var related = new Proto.RelatedProduct
            {
                ProductId = snapshot.ProductIds.Get(product.Product.Value),
                ProductName = snapshot.ProductNames.Get(product.Product.Value),
                Strength = product.Strength,
                Rank = reply.Products.Count + 1,
                Support = product.Figures.Support,
                Confidence = product.Figures.Confidence,
                Lift = product.Figures.Lift,
            };
            if (product.PartialCorrelation is { } partial)
            {
                related.PartialCorrelation = partial;
            }

            reply.Products.Add(related);
        }

        ReplyFields.Fill(reply.Skipped, answer.Skipped);
        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private sealed class Work
    {
        public RelatedQuery Query { get; } = new();

        public RelatedAnswer Answer { get; } = new();
    }
}
