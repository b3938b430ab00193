using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Replies;
using Engine.Snapshots.Format;
using Google.Protobuf;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Warming;

/// <summary>
/// Asks a new model what callers asked a moment ago: it compiles the code and touches the pages that they will need.
/// </summary>
internal static class Replay
{
    /// <summary>Answers each request, and throws the answers away.</summary>
    /// <returns>Requests that were answered; the others named what the new snapshot lacks.</returns>
    /// <exception cref="Exception">A request failed, not by its own fault: the model must not be served.</exception>
    public static int Run(
        ScoringModel model, WorkspaceCatalog catalog, IReadOnlyList<IMessage> requests, TimeProvider time)
    {
        var answered = 0;
        foreach (var request in requests)
        {
            try
            {
                Answer(model, catalog, request, CallClock.Start(time));
                answered++;
            }
            catch (InputException e) when (e is not (SnapshotFormatException or ScoreException))
            {
                // Users, products, tags, pools or placements that are gone. The caller is told so, if it asks again.
            }
        }

        return answered;
    }

    private static void Answer(ScoringModel model, WorkspaceCatalog catalog, IMessage request, CallClock clock)
    {
        switch (request)
        {
            case Proto.RecommendRequest recommend:
                var reply = EncodedReply.Rent();
                RecommendCall.Answer(model, catalog, recommend, clock, facts =>
                {
                    ScoreException.Check(facts);
                    reply.WriteWire(facts);
                });
                reply.Return();
                break;
            case Proto.RelatedProductsRequest related:
                RelatedCall.Answer(model, catalog, related, clock);
                break;
            case Proto.ScoreRequest score:
                ScoreCall.Answer(model, catalog, score, clock);
                break;
            case Proto.ExplainRequest explain:
                ExplainCall.Answer(model, catalog, explain, clock);
                break;
            case Proto.RecommendPlacementRequest placement:
                PlacementCall.Answer(model, catalog, placement, clock);
                break;
            case Proto.RecommendPageRequest page:
                PlacementCall.Answer(model, catalog, page, clock);
                break;
            case Proto.RankTagValuesRequest values:
                RankTagValuesCall.Answer(model, catalog, values, clock);
                break;
            case Proto.NextOrderRequest orders:
                NextOrderCall.Answer(model, catalog, orders, clock);
                break;
        }
    }
}
