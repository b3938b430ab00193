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
        var query = QueryOf(request);
        FillUsers(query, model, catalog, request, cancellation);
        RequestFields.Fill(query.Filter, model, catalog, request.Pool, request.ExcludeProductIds, cancellation);
        var answer = new RecommendAnswer();
        var members = AudienceRecommender.Recommend(model, query, answer, cancellation);
        var reply = Message(model, query, answer, members, clock);
        ReplyFields.Fill(reply.MissingBuckets, model.Snapshot.MissingBuckets);
        return reply;
    }

    /// <summary>The fields of a request that are neither users nor products.</summary>
    public static AudienceQuery QueryOf(Proto.RecommendForAudienceRequest request) => new()
    {
        TopK = RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK),
        Explain = request.Explain,
        ValidateOnly = request.ValidateOnly,
        Users = { AllowPartial = request.AllowPartial },
    };

    /// <summary>The audience of a request.</summary>
    public static void FillUsers(
        AudienceQuery query,
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.RecommendForAudienceRequest request,
        CancellationToken cancellation) =>
        RequestFields.Fill(
            query.Users, model, catalog, request.Audience, request.UserIds, request.InlineAudience, cancellation);

    /// <summary>The reply.</summary>
    public static Proto.RecommendReply Message(
        ScoringModel model, AudienceQuery query, RecommendAnswer answer, int members, CallClock clock)
    {
        var clauses = new ClauseCounts();
        clauses.Set(query.Filter, PurchasedPolicy.Include, answer);
        var reply = RecommendCall.Message(new RecommendFacts(model.Snapshot, answer, clauses, clock, query.Filter));
        reply.UserCount = members;
        return reply;
    }
}
