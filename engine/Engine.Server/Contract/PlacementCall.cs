using Engine.Scoring.Events;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Placements;
using Engine.Server.Catalog;
using Google.Protobuf.Collections;
using Microsoft.Extensions.ObjectPool;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>RecommendPlacement and RecommendPage: the same code in the server and on the command line.</summary>
internal static class PlacementCall
{
    private const int MaximumPlacements = 20;

    private static readonly ObjectPool<Work> Idle = ObjectPool.Create<Work>();

    /// <summary>One placement.</summary>
    /// <exception cref="InputException">A field is out of its range, or there is no such placement.</exception>
    public static Proto.PlacementReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendPlacementRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        var definition = request.Trial is { } trial && request.Placement.Length == 0
            ? PlacementAnswers.ToDefinition(trial)
            : request.Trial is null ? catalog.Placements.Get(RequestFields.Needed("placement", request.Placement))
            : throw new Errors.FieldException("trial", "found placement and trial, expected one of them");
        var work = Idle.Get();
        try
        {
            work.Fill(
                request.UserId,
                request.Recent,
                request.PageProductIds,
                request.ExcludeProductIds,
                request.Explain,
                request.At,
                catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null),
                clock);
            return Answer(model, catalog, definition, work, null, clock, cancellation);
        }
        finally
        {
            Idle.Return(work);
        }
    }

    /// <summary>Several placements, no product twice.</summary>
    /// <exception cref="InputException">A field is out of its range, or there is no such placement.</exception>
    public static Proto.RecommendPageReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendPageRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        Require.Between("placements", request.Placements.Count, 1, MaximumPlacements);
        var definitions = request.Placements.Select(name => catalog.Placements.Get(name)).ToList();
        var reply = new Proto.RecommendPageReply { SnapshotId = model.Snapshot.SetId };
        var work = Idle.Get();
        try
        {
            work.Fill(
                request.UserId,
                request.Recent,
                request.PageProductIds,
                request.ExcludeProductIds,
                request.Explain,
                request.At,
                catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null),
                clock);
            work.Page.Begin(model, definitions);
            foreach (var definition in definitions)
            {
                reply.Placements.Add(Answer(model, catalog, definition, work, work.Page, clock, cancellation));
            }
        }
        finally
        {
            Idle.Return(work);
        }

        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private static Proto.PlacementReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        PlacementDefinition definition,
        Work work,
        PlacementPage? page,
        CallClock clock,
        CancellationToken cancellation)
    {
        var (query, answer, snapshot) = (work.Query, work.Answer, model.Snapshot);
        query.Definition = definition;
        query.Filter.SavedPool = PlacementAnswers.PoolOf(model, catalog, definition, cancellation);
        query.Filter.Blocked = catalog.Blocked.Resolve(model, cancellation);
        PlacementRecommender.Recommend(model, query, answer, page, cancellation);
        var reply = new Proto.PlacementReply
        {
            Placement = definition.Name,
            Version = definition.Version,
            SnapshotId = snapshot.SetId,
            EligibleCount = answer.Competition.EligibleCount,
            ProductCount = snapshot.Manifest.ProductCount,
            BelowMinimumCount = answer.BelowMinimum,
            SkippedCount = answer.Competition.Skipped.Count,
            EventsVersion = answer.Competition.EventsVersion,
            EventCount = answer.Competition.EventCount,
        };
        foreach (var row in answer.Rows)
        {
            var products = row.IsCold ? snapshot.Cold! : snapshot;
            var product = new Proto.PlacedProduct
            {
                ProductId = products.ProductIds.Get(row.Product.Value),
                ProductName = products.ProductNames.Get(row.Product.Value),
                Rank = reply.Products.Count + 1,
                Score = row.Score,
                Boost = row.Boost,
                Diversity = row.Diversity,
                AdjustedScore = row.AdjustedScore,
                Source = (Proto.PlacementSource)row.Source,
                UnruledRank = row.UnruledRank,
                Pinned = row.IsPinned,
                Cold = row.IsCold,
            };
            if (query.Explain)
            {
                product.RoundingBound = answer.Explanations.Bound(reply.Products.Count);
                ReplyFields.Fill(product.Contributions, snapshot, answer.Explanations.Terms(reply.Products.Count));
            }

            reply.Products.Add(product);
        }

        foreach (var effect in answer.Effects)
        {
            reply.Effects.Add(new Proto.PlacementEffect
            {
                Rule = reply.Effects.Count,
                Active = effect.IsActive,
                Added = effect.Added,
                Moved = effect.Moved,
                Removed = effect.Removed,
                Missing = effect.Missing,
                HeldCount = effect.Held,
            });
        }

        ClauseCounts.Fill(reply.Removed, query.Filter, definition.Purchased, answer.Competition);
        if (answer.RemovedByPage > 0)
        {
            reply.Removed.Add(new Proto.ClauseCount { Clause = "page", Removed = answer.RemovedByPage });
        }

        ReplyFields.Fill(reply.Skipped, answer.Competition.Skipped);
        if (reply.EligibleCount == 0 && (query.Filter.EmptyPool
            ?? PlacementAnswers.RuleOf(model, definition, cancellation)) is { Count: 0 } empty)
        {
            reply.Warnings.Add(empty.Problem);
        }

        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private sealed class Work
    {
        public PlacementQuery Query { get; } = new();

        public PlacementAnswer Answer { get; } = new();

        public PlacementPage Page { get; } = new();

        public void Fill(
            string user,
            RepeatedField<Proto.RecentBehavior> recent,
            RepeatedField<string> page,
            RepeatedField<string> excluded,
            bool explain,
            string at,
            EventView events,
            CallClock clock)
        {
            Query.Events = events;
            (Query.UserId, Query.Explain) = (user, explain);
            Query.Now = PlacementAnswers.TimeOf("at", at) ?? clock.Now;
            RequestFields.Fill(Query.Recent, recent);
            RequestFields.Copy(page, Query.PageProductIds);
            RequestFields.Copy(excluded, Query.ExcludedProductIds);
        }
    }
}
