using Engine.Kernels.Scan;
using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Contract;

namespace Engine.Server.Shards;

/// <summary>EstimateAudience over shards: first the range of all scores, then the counts, which add up.</summary>
internal static class CountedUsers
{
    /// <summary>The request to one shard.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="snapshotId">The shard.</param>
    /// <param name="range">The thresholds, where they are known.</param>
    public static EstimateAudienceRequest Of(
        EstimateAudienceRequest request, string snapshotId, (float Low, float High)? range)
    {
        var one = request.Clone();
        (one.SnapshotId, one.AllowPartial, one.Exact) = (snapshotId, true, true);
        if (range is { } thresholds)
        {
            (one.Low, one.High) = thresholds;
        }

        return one;
    }

    /// <summary>The lowest and the highest score; null when nobody is eligible.</summary>
    public static (float Low, float High)? RangeOf(IReadOnlyList<EstimateAudienceReply> shards)
    {
        var counted = shards.Where(shard => shard.HasLow).ToArray();
        return counted.Length == 0 ? null : (counted.Min(shard => shard.Low), counted.Max(shard => shard.High));
    }

    /// <summary>Adds the curves up.</summary>
    public static EstimateAudienceReply Merge(
        ScoringModel model,
        EstimateAudienceRequest request,
        IReadOnlyList<EstimateAudienceReply> shards,
        IReadOnlyList<Snapshots.Manifest.BucketRange> missing,
        CallClock clock)
    {
        var reply = new EstimateAudienceReply
        {
            SnapshotId = model.Snapshot.SetId,
            ProductName = shards[0].ProductName,
            EligibleCount = shards.Sum(shard => shard.EligibleCount),
            SkippedCount = shards.Sum(shard => shard.SkippedCount),
        };
        if (RangeOf(shards) is var (low, high))
        {
            (reply.Low, reply.High) = (low, high);
            var curve = new AudienceCurve();
            if (float.IsFinite(high - low))
            {
                curve.Begin(request.HasLow ? request.Low : low, request.HasHigh ? request.High : high);
            }
            else
            {
                curve.Begin(0, 0);
            }

            foreach (var points in shards.Where(shard => shard.HasLow).Select(shard => shard.Curve))
            {
                for (var i = 0; i < points.Count; i++)
                {
                    curve.Add(i, points[i].UserCount - (i + 1 < points.Count ? points[i + 1].UserCount : 0));
                }
            }

            EstimateCall.AddCurve(reply, curve, model.Snapshot.Manifest.Calibration);
        }

        reply.Skipped.AddRange(SkippedMerge.Of(request.UserIds, [.. shards.Select(shard => shard.Skipped)]));
        ReplyFields.Fill(reply.MissingBuckets, missing);
        clock.WarnWhenStale(model.Snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }
}
