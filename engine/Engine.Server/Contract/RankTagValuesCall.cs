using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>RankTagValues, from request to reply: the same code in the server and on the command line.</summary>
internal static class RankTagValuesCall
{
    /// <summary>Answers from one model.</summary>
    /// <exception cref="InputException">A field is out of its range, or nothing is known of the user.</exception>
    public static Proto.RankTagValuesReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RankTagValuesRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        var query = new TagValueQuery
        {
            Tag = RequestFields.Needed("tag", request.Tag),
            TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK),
            By = RequestFields.By(request.By),
        };
        query.Shopper.UserId = request.UserId;
        query.Shopper.Purchased = RequestFields.Purchased(request.Purchased);
        query.Shopper.Events = catalog.Events.View(request.HasEventsVersion ? request.EventsVersion : null);
        RequestFields.Fill(query.Shopper.Recent, request.Recent);
        RequestFields.Fill(
            query.Shopper.Filter, model, catalog, request.Pool, request.ExcludeProductIds, cancellation);
        var answer = new TagValueAnswer();
        TagValueRanker.Rank(model, query, answer, cancellation);
        var (snapshot, competition) = (model.Snapshot, answer.Competition);
        var reply = new Proto.RankTagValuesReply
        {
            SnapshotId = snapshot.SetId,
            ValueCount = answer.ValueCount,
            EligibleCount = competition.EligibleCount,
            SkippedCount = competition.Skipped.Count,
            EventsVersion = competition.EventsVersion,
            EventCount = competition.EventCount,
        };
        foreach (var one in answer.Values)
        {
            var value = new Proto.ScoredTagValue
            {
                Value = one.Value,
                Score = one.Score,
                Rank = reply.Values.Count + 1,
                ProductCount = one.Products,
            };
            if (one.Best is { } best)
            {
                value.ProductId = snapshot.ProductIds.Get(best.Value);
                value.ProductName = snapshot.ProductNames.Get(best.Value);
                if (CalibratedScores.Probability(snapshot, one.Score) is { } probability)
                {
                    value.Probability = probability;
                }
            }

            reply.Values.Add(value);
        }

        ReplyFields.Fill(reply.Skipped, competition.Skipped);
        ReplyFields.WarnWhenEmpty(query.Shopper.Filter, reply.Warnings);
        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }
}
