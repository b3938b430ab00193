using Engine.Kernels.Scan;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Snapshots.Manifest;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>EstimateAudience, from request to reply: the same code in the server and on the command line.</summary>
internal static class EstimateCall
{
    /// <summary>Answers from one model.</summary>
    public static Proto.EstimateAudienceReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.EstimateAudienceRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        var query = new RankUsersQuery
        {
            ProductId = RequestFields.Needed("product_id", request.ProductId),
            TopK = 0,
            EstimateCurve = true,
            Purchased = RequestFields.Purchased(request.Purchased),
        };
        RequestFields.Fill(
            query, model, catalog, request.Audience, request.UserIds, request.InlineAudience, cancellation);
        var answer = new RankUsersAnswer();
        UserRanker.Rank(model, query, answer, cancellation);

        var snapshot = model.Snapshot;
        var reply = new Proto.EstimateAudienceReply
        {
            SnapshotId = snapshot.Id,
            ProductName = snapshot.ProductNames.Get(snapshot.ProductIds.Find(request.ProductId)),
            EligibleCount = answer.EligibleCount,
            SkippedCount = answer.Skipped.Count,
        };
        AddCurve(reply, answer.Curve, snapshot.Manifest.Calibration);
        ReplyFields.Fill(reply.Skipped, answer.Skipped);
        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private static void AddCurve(
        Proto.EstimateAudienceReply reply, AudienceCurve? curve, CalibrationTerms calibration)
    {
        if (curve is null)
        {
            return;
        }

        reply.ScoreError = curve.ScoreError;
        for (var i = 0; i < AudienceCurve.Thresholds; i++)
        {
            reply.Curve.Add(new Proto.AudienceSize { Threshold = curve.Threshold(i), UserCount = curve.CountAt(i) });
        }

        var (buyers, above) = (0.0, 0L);
        for (var i = AudienceCurve.Thresholds - 1; i >= 0; i--)
        {
            var point = reply.Curve[i];
            var middle = point.Threshold + (i == AudienceCurve.Thresholds - 1 ? 0 : curve.Step / 2);
            if (calibration.Probability(middle) is not { } probability)
            {
                return;
            }

            buyers += (point.UserCount - above) * probability;
            above = point.UserCount;
            point.ExpectedBuyers = buyers;
        }
    }
}
