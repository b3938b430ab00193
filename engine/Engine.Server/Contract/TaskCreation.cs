using System.Globalization;
using Engine.Campaigns.Holdouts;
using Engine.Scoring.Batch;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Turns a request into a task: checked, counted and frozen.</summary>
/// <param name="Record">Queued.</param>
/// <param name="Question">Frozen.</param>
internal sealed record TaskCreation(TaskRecord Record, TaskQuestion Question)
{
    /// <summary>The note when the snapshot has no re-ranker.</summary>
    public const string NoReranker = "the snapshot has no re-ranker, so rows are ranked by score. Train with --rerank; "
        + "a re-ranker is kept only if it wins on the held-out window";

    /// <summary>Checks a request against a model.</summary>
    /// <exception cref="MissingBucketsException">
    /// The model is a shard, which the request does not name.
    /// </exception>
    /// <exception cref="NotFoundException">No such audience, pool or product.</exception>
    /// <exception cref="InputException">
    /// Too many pairs, another identity type, a rule that does not fit, a field out of its range.
    /// </exception>
    public static TaskCreation Of(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.CreateTaskRequest request,
        DateTimeOffset now,
        CancellationToken cancellation = default)
    {
        if (model.Snapshot.Shard is { } shard && request.SnapshotId != shard.Id)
        {
            throw MissingBucketsException.OfTask(shard);
        }

        if (request.HoldoutSeed.Length > 0 && !request.HasHoldoutShare)
        {
            throw new FieldException(
                "holdout_seed",
                "found holdout_seed without holdout_share; it would hold out nobody. Give a share, or leave it out");
        }

        // A re-ranker's features are those of the snapshot.
        var rerank = request.ReRank && model.Reranker is not null;
        var events = rerank
            ? default
            : catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null);
        var question = Freeze(model, catalog, request) with { EventsVersion = events.Version };
        var audience = request.Audience.Length == 0
            ? null
            : AudienceAnswers.Members(model, catalog, request.Audience, cancellation);
        var plan = question.Plan(model, audience, events, cancellation);
        var id = TaskRecord.NewId(now);
        var record = new TaskRecord
        {
            Id = id,
            Stage = TaskStage.Queued,
            SnapshotId = model.Snapshot.Id,
            Created = now,
            AudienceName = request.Audience,
            PoolText = Words(request, question.Pool),
            Campaign = question.Campaign,
            Table = request.Table is { } table ? new TaskTable(table.Source, table.Table) : null,
            TopK = plan.TopK,
            IsSingleProduct = plan.IsSingleProduct,
            IsReranked = plan.Reranker is not null,
            Purchased = question.Purchased,
            EventsVersion = question.EventsVersion,
            Counts = new TaskCounts(
                plan.Audience.DeclaredCount,
                plan.UserCount,
                plan.DeclaredProducts,
                plan.EligibleCount,
                plan.Pool?.OutOfScopeCount ?? 0,
                plan.BlockedCount,
                plan.ExcludedCount),
            Skipped = Skipped(plan),
            Notes = Notes(plan, question, request.ReRank),
            Holdout = request.HasHoldoutShare ? Holdout(plan, request, id) : null,
        };
        return new TaskCreation(
            record, question with { Related = question.Campaign is null ? null : plan.Pool?.Definition.ProductIds });
    }

    private static HoldoutRecord Holdout(BatchPlan plan, Proto.CreateTaskRequest request, string id)
    {
        var draw = new HoldoutDraw(request.HoldoutSeed.Length == 0 ? id : request.HoldoutSeed, request.HoldoutShare);
        return HoldoutRecord.Of(HoldoutSplit.Of(plan, draw), draw);
    }

    private static TaskQuestion Freeze(
        ScoringModel model, WorkspaceCatalog catalog, Proto.CreateTaskRequest request)
    {
        var ways = (request.Pool.Length > 0 ? 1 : 0) + (request.PoolRule.Length > 0 ? 1 : 0)
            + (request.PoolProductIds.Count > 0 ? 1 : 0);
        if (ways > 1)
        {
            throw new FieldException(
                "pool_rule", $"found {ways} of pool, pool_rule and pool_product_ids; expected at most one");
        }

        if (request.Allocation is not null)
        {
            return TaskAllocations.Freeze(model, catalog, request);
        }

        var purchased = request is { Campaign: not null, Purchased: Proto.PurchasedPolicy.Unspecified }
            ? PurchasedPolicy.Exclude
            : RequestFields.Purchased(request.Purchased);
        return new TaskQuestion
        {
            Pool = request.Pool.Length > 0 ? catalog.Pools.Get(request.Pool)
                : request.PoolRule.Length > 0 ? PoolDefinition.OfRule(request.PoolRule)
                : request.PoolProductIds.Count > 0 ? PoolDefinition.OfIds([.. request.PoolProductIds])
                : null,
            TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK),
            Excluded = [.. request.ExcludeProductIds],
            Blocked = catalog.Blocked.Current.ProductIds,
            Purchased = purchased,
            Rerank = request.ReRank,
            Campaign = request.Campaign is { } campaign ? Campaign(campaign) : null,
        };
    }

    private static TaskCampaign Campaign(Proto.RelatedCampaign campaign)
    {
        if (campaign.LeastStrength is not (>= 0 and <= 1))
        {
            throw new FieldException(
                "campaign.least_strength", $"found least_strength = {campaign.LeastStrength}; expected 0..1");
        }

        Require.Between("campaign.related_top", campaign.RelatedTop, 0, RecommendQuery.MaximumTopK);
        BehaviorType[] types = campaign.Types_.Count == 0
            ? [BehaviorType.Favorite, BehaviorType.Cart, BehaviorType.Purchase]
            : [.. RequestFields.TypesOf("campaign.types", campaign.Types_).Distinct().Order()];
        return new TaskCampaign(
            campaign.ProductId,
            types,
            RequestFields.OrDefault(campaign.AtLeast, 1),
            campaign.WithinDays,
            RequestFields.OrDefault(campaign.RelatedTop, RequestFields.DefaultTopK),
            campaign.LeastStrength)
        {
            MinSupport = RequestFields.OrDefault(campaign.MinSupport, RelatedFigures.DefaultMinSupport),
        };
    }

    private static string Words(Proto.CreateTaskRequest request, PoolDefinition? pool) =>
        pool is null ? "" : request.Pool.Length > 0
            ? $"{pool.Name} (version {pool.Version})"
            : pool.Rule.Length > 0 ? pool.Rule : $"{pool.ProductIds.Count} ids";

    private static SkippedId[] Skipped(BatchPlan plan) =>
    [
        .. plan.Audience.OutOfScope.Select(id => new SkippedId(id, SkipReason.UnknownUser))
            .Concat(plan.Pool?.Skipped.Kept ?? [])
            .Concat(plan.Excluded.Kept)
            .Take(SkippedIds.MaximumKept),
    ];

    private static List<string> Notes(BatchPlan plan, TaskQuestion question, bool rerank)
    {
        var notes = new List<string>();
        if (plan.UserCount == 0)
        {
            notes.Add("the result is empty: no user of the audience is in the snapshot");
        }

        if (plan.Audience.OutOfScope.Count is > 0 and var unscored)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{unscored:N0} of {plan.Audience.DeclaredCount:N0} users get no rows: "
                + $"they have no purchase in the scope year, so they have no personal score. ") +
                (plan.Reasons is null
                    ? "Download the skipped ids to see who they are"
                    : "The related products need none: export them with the audience of the same behavior"));
        }

        if (question.Campaign is { } campaign && plan.Reasons is { } reasons)
        {
            if (RelatedCall.LeftOut(reasons.BelowMinSupportCount, campaign.MinSupport) is { } leftOut)
            {
                notes.Add(leftOut);
            }

            if (plan.DeclaredProducts == 0)
            {
                notes.Add(
                    $"the result is empty: no related product of '{campaign.ProductId}' is left. "
                    + $"{reasons.BelowMinSupportCount} are below min_support {campaign.MinSupport}, "
                    + $"{reasons.BelowStrengthCount} are below least_strength "
                    + $"{campaign.LeastStrength.ToString(CultureInfo.InvariantCulture)}");
            }
        }
        else if (plan is { DeclaredProducts: 0, Pool: { } pool })
        {
            notes.Add($"the result is empty: {pool.Problem}");
        }

        if (plan.EligibleCount == 0 && plan.DeclaredProducts > 0)
        {
            notes.Add(
                $"the result is empty: no product is eligible. Of {plan.DeclaredProducts} declared products, "
                + $"{plan.Pool?.OutOfScopeCount ?? 0} are not in the snapshot (never seen, or without a purchase in "
                + $"the scope year), {plan.BlockedCount} are blocked, {plan.ExcludedCount} are excluded");
        }

        if (question.Allocation is { } allocation)
        {
            notes.Add(
                $"an allocation of {allocation.Products.Count} products, "
                + $"{allocation.ContactsPerUser} contacts per user: "
                + "the summary has its bound and its shadow prices");
        }

        if (plan.IsSingleProduct)
        {
            notes.Add("the pool has one product: rows hold each user's score for it, without ranks");
        }

        if (rerank && plan.Reranker is null)
        {
            notes.Add(plan.IsSingleProduct ? "the scores of a single product are never re-ranked" : NoReranker);
        }

        if (plan.Audience.DuplicateCount > 0)
        {
            notes.Add($"{plan.Audience.DuplicateCount} duplicate ids in the audience count once");
        }

        return notes;
    }
}
