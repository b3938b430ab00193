using Engine.Kernels.Scan;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Engine.Server.Errors;
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
        CheckThresholds(request);
        var query = new RankUsersQuery
        {
            ProductId = RequestFields.Needed("product_id", request.ProductId),
            TopK = 0,
            EstimateCurve = true,
            ExactCurve = request.Exact,
            CurveLow = request.HasLow ? request.Low : null,
            CurveHigh = request.HasHigh ? request.High : null,
            Purchased = RequestFields.Purchased(request.Purchased),
            AllowPartial = request.AllowPartial,
        };
        RequestFields.Fill(
            query, model, catalog, request.Audience, request.UserIds, request.InlineAudience, cancellation);
        var answer = new RankUsersAnswer();
        UserRanker.Rank(model, query, answer, cancellation);

        var snapshot = model.Snapshot;
        var reply = new Proto.EstimateAudienceReply
        {
            SnapshotId = snapshot.SetId,
            ProductName = snapshot.ProductNames.Get(snapshot.ProductIds.Find(request.ProductId)),
            EligibleCount = answer.EligibleCount,
            SkippedCount = answer.Skipped.Count,
        };
        AddCurve(reply, answer.Curve, snapshot.Manifest.Calibration);
        if (request.Exact && answer.Curve is not null)
        {
            (reply.Low, reply.High) = (answer.LowScore, answer.HighScore);
        }

        ReplyFields.Fill(reply.Skipped, answer.Skipped);
        ReplyFields.Fill(reply.MissingBuckets, snapshot.MissingBuckets);
        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    private static void CheckThresholds(Proto.EstimateAudienceRequest request)
    {
        if (request.HasLow != request.HasHigh || (request.HasLow && !request.Exact))
        {
            throw new FieldException("low", "found one of low and high, or no exact; expected both with exact");
        }

        if (request.HasLow && !(float.IsFinite(request.High - request.Low) && request.Low <= request.High))
        {
            throw new FieldException(
                "low", $"found low = {request.Low} and high = {request.High}; expected finite numbers in this order");
        }
    }

    /// <summary>Adds the points of a curve, and the buyers that they stand for.</summary>
    public static void AddCurve(
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
