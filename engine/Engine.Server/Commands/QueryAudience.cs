using System.CommandLine;
using Engine.Protos.V1;
using Engine.Server.Contract;

namespace Engine.Server.Commands;

/// <summary>query recommend-for-audience: the products for a whole audience.</summary>
internal static class QueryAudience
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var users = QueryOptions.Ids("--users", "Only these user ids.");
        var audience = new Option<string>("--audience")
        {
            Description = "Only users of this saved audience of the snapshot's workspace.",
            DefaultValueFactory = _ => "",
        };
        var explain = new Option<bool>("--explain") { Description = "Print the terms of each score." };
        var command = new Command(
            "recommend-for-audience", "The top products for an audience, by the mean of its members' scores.")
        {
            users, audience, shared.Top, shared.Pool, shared.PoolRule, shared.SavedPool, shared.Exclude, explain,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => AudienceCall.Answer(
                queried.Model,
                queried.Catalog,
                new RecommendForAudienceRequest
                {
                    Audience = parsed.GetRequiredValue(audience),
                    UserIds = { parsed.GetRequiredValue(users) },
                    TopK = parsed.GetRequiredValue(shared.Top),
                    Pool = shared.PoolOf(parsed),
                    ExcludeProductIds = { parsed.GetRequiredValue(shared.Exclude) },
                    Explain = parsed.GetValue(explain),
                },
                clock),
            QueryRecommend.Print);
    }
}
