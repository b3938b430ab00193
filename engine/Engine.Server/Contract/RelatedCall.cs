using System.Globalization;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Snapshots;
using Microsoft.Extensions.ObjectPool;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>RelatedProducts, from request to reply: the same code in the server and on the command line.</summary>
internal static class RelatedCall
{
    private static readonly ObjectPool<Work> Idle = ObjectPool.Create<Work>();

    /// <summary>Answers from one model.</summary>
    public static Proto.RelatedProductsReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RelatedProductsRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        var work = Idle.Get();
        try
        {
            work.Query.ProductId = RequestFields.Needed("product_id", request.ProductId);
            work.Query.TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK);
            work.Query.MinSupport = RequestFields.OrDefault(request.MinSupport, RelatedFigures.DefaultMinSupport);
            work.Query.ValidateOnly = request.ValidateOnly;
            RequestFields.Fill(
                work.Query.Filter, model, catalog, request.Pool, request.ExcludeProductIds, cancellation);
            RelatedProducts.Find(model, work.Query, work.Answer, cancellation);
            return Reply(model, request.ProductId, work.Query, work.Answer, clock);
        }
        finally
        {
            Idle.Return(work);
        }
    }

    /// <summary>What the minimum support left out, as a sentence; null when it left out nothing.</summary>
    public static string? LeftOut(int count, int minSupport) => count == 0 ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"{count:N0} related {(count == 1 ? "product was" : "products were")} left out: "
        + $"fewer than {minSupport:N0} users purchased both. Set min_support to 1 to see all");

    private static Proto.RelatedProductsReply Reply(
        ScoringModel model, string asked, RelatedQuery query, RelatedAnswer answer, CallClock clock)
    {
        var snapshot = model.Snapshot;
        var reply = new Proto.RelatedProductsReply
        {
            SnapshotId = snapshot.SetId,
            ProductName = snapshot.ProductNames.Get(snapshot.ProductIds.Find(asked)),
            EligibleCount = answer.EligibleCount,
            SkippedCount = answer.Skipped.Count,
            MinSupport = query.MinSupport,
            BelowMinSupportCount = answer.BelowMinSupportCount,
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
        if (answer.EligibleCount < query.TopK && LeftOut(answer.BelowMinSupportCount, query.MinSupport) is { } leftOut)
        {
            reply.Warnings.Add(answer.EligibleCount == 0 ? $"no related product is left: {leftOut}" : leftOut);
        }

        ReplyFields.WarnWhenEmpty(query.Filter, reply.Warnings);
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
