using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Scoring.Ranking;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>RecommendForAudience, from request to reply: the same code in the server and on the command line.</summary>
internal static class AudienceCall
{
    /// <summary>Answers from one model.</summary>
    public static Proto.RecommendReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendForAudienceRequest request,
        CallClock clock,
        CancellationToken cancellation = default)
    {
        var query = new AudienceQuery
        {
            TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK),
            Explain = request.Explain,
            ValidateOnly = request.ValidateOnly,
        };
        RequestFields.Fill(
            query.Users, model, catalog, request.Audience, request.UserIds, request.InlineAudience, cancellation);
        RequestFields.Fill(query.Filter, model, catalog, request.Pool, request.ExcludeProductIds, cancellation);
        var answer = new RecommendAnswer();
        var members = AudienceRecommender.Recommend(model, query, answer, cancellation);
        var clauses = new ClauseCounts();
        clauses.Set(query.Filter, PurchasedPolicy.Include, answer);
        var reply = RecommendCall.Message(new RecommendFacts(model.Snapshot, answer, clauses, clock));
        reply.UserCount = members;
        return reply;
    }
}
