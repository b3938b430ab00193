using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Server.Contract;

namespace Engine.Server.Shards;

/// <summary>RecommendForAudience over shards: their sums added up, then one search on the products.</summary>
internal sealed class SummedUsers
{
    private readonly AudienceMean _mean = new();
    private readonly List<IReadOnlyList<Skipped>> _skipped = [];
    private long _skippedCount;

    /// <summary>No members yet.</summary>
    public SummedUsers(ScoringModel model) => _mean.Begin(model.Snapshot);

    /// <summary>The request to one shard.</summary>
    public static RecommendForAudienceRequest Of(RecommendForAudienceRequest request, string snapshotId)
    {
        var one = request.Clone();
        (one.SnapshotId, one.AllowPartial) = (snapshotId, true);
        return one;
    }

    /// <summary>Adds a block of a shard's sum.</summary>
    public void Add(AudienceSum block)
    {
        SumCall.AddTo(_mean, block);
        _skippedCount += block.SkippedCount;
        if (block.Skipped.Count > 0)
        {
            _skipped.Add(block.Skipped);
        }
    }

    /// <summary>The answer for the members that were added.</summary>
    public RecommendReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        RecommendForAudienceRequest request,
        IReadOnlyList<Snapshots.Manifest.BucketRange> missing,
        CallClock clock,
        CancellationToken cancellation)
    {
        var query = AudienceCall.QueryOf(request);
        RequestFields.Fill(query.Filter, model, catalog, request.Pool, request.ExcludeProductIds, cancellation);
        var answer = new RecommendAnswer();
        AudienceRecommender.Recommend(model, query, _mean, answer, cancellation);
        var reply = AudienceCall.Message(model, query, answer, _mean.Members, clock);
        Skipped[] products = [.. reply.Skipped];
        reply.Skipped.Clear();
        reply.Skipped.AddRange(
            SkippedMerge.Of(request.UserIds, _skipped).Concat(products).Take(Scoring.Ids.SkippedIds.MaximumKept));
        reply.SkippedCount += _skippedCount;
        ReplyFields.Fill(reply.MissingBuckets, missing);
        return reply;
    }
}
