using Engine.Scoring.Explaining;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>Explain, from request to reply: the same code in the server and on the command line.</summary>
internal static class ExplainCall
{
    /// <summary>Answers from one model.</summary>
    public static Proto.ExplainReply Answer(
        ScoringModel model, WorkspaceCatalog catalog, Proto.ExplainRequest request, CallClock clock)
    {
        var query = new RecommendQuery
        {
            UserId = request.UserId,
            Events = catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null),
        };
        RequestFields.Fill(query.Recent, request.Recent);
        var answer = new ExplainAnswer();
        Explainer.Explain(model, query, request.ProductId, answer);

        var snapshot = model.Snapshot;
        var reply = new Proto.ExplainReply
        {
            SnapshotId = snapshot.SetId,
            ProductName = snapshot.ProductNames.Get(answer.Product.Value),
            Source = ReplyFields.SourceOf(answer.Source),
            Score = answer.Explanations.Score(0),
            RoundingBound = answer.Explanations.Bound(0),
            SkippedCount = answer.Skipped.Count,
            EventsVersion = query.Events.Version,
            EventCount = answer.EventCount,
        };
        if (answer.Source != ScoreSource.Popularity)
        {
            (reply.Percentile, reply.PercentileError) =
                CalibratedScores.Place(snapshot, answer.Product, reply.Score);
            if (CalibratedScores.Probability(snapshot, reply.Score) is { } probability)
            {
                reply.Probability = probability;
            }
        }

        ReplyFields.Fill(reply.Contributions, snapshot, answer.Explanations.Terms(0));
        reply.Reason = answer.Source == ScoreSource.Popularity
            ? ""
            : Reason.Of(
                snapshot,
                answer.HistoryOf(snapshot, request.UserId),
                answer.Product,
                answer.Explanations.Terms(0));
        ReplyFields.Fill(reply.Skipped, answer.Skipped);
        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }
}
