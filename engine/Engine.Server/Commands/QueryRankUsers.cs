using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query rank-users: users for a product or a pool.</summary>
internal static class QueryRankUsers
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var product = new Option<string>("--product")
        {
            Description = "Product id. Or a pool.",
            DefaultValueFactory = _ => "",
        };
        var by = QueryOptions.OneOf("--by", "What a user scores for a pool: best product or mean.", "best", "mean");
        var users = QueryOptions.Ids("--users", "Only these user ids.");
        var audience = new Option<string>("--audience")
        {
            Description = "Only users of this saved audience of the snapshot's workspace.",
            DefaultValueFactory = _ => "",
        };
        var command = new Command("rank-users", "Users in descending order of their score for a product or a pool.")
        {
            product, shared.Pool, shared.PoolRule, shared.SavedPool, by, shared.Top, users, audience, shared.Purchased,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => Merge(
                queried,
                new RankUsersRequest
                {
                    ProductId = parsed.GetRequiredValue(product),
                    Pool = shared.PoolOf(parsed),
                    By = QueryOptions.Word<PoolScore>(parsed.GetRequiredValue(by)),
                    TopK = parsed.GetRequiredValue(shared.Top),
                    Audience = parsed.GetRequiredValue(audience),
                    UserIds = { parsed.GetRequiredValue(users) },
                    Purchased = QueryOptions.Word<PurchasedPolicy>(parsed.GetRequiredValue(shared.Purchased)),
                },
                clock),
            Print);
    }

    // One document instead of a stream: the header and all users.
    private static RankUsersReply Merge(QueriedModel queried, RankUsersRequest request, CallClock clock)
    {
        var whole = new RankUsersReply();
        foreach (var block in RankUsersCall.Answer(queried.Model, queried.Catalog, request, clock))
        {
            whole.MergeFrom(block);
        }

        return whole;
    }

    private static void Print(RankUsersReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("rank", "user", "score", "probability", "percentile", "best product");
        foreach (var user in reply.Users)
        {
            table.AddRow(
                user.Rank.ToString(CultureInfo.InvariantCulture),
                Screen.Text(user.UserId),
                user.Score.ToString("F4", CultureInfo.InvariantCulture),
                Screen.Probability(user.HasProbability, user.Probability),
                reply.ProductName.Length + user.ProductId.Length > 0 ? Screen.Percentile(user.Percentile) : "",
                Screen.Text(user.ProductId));
        }

        var wanted = reply.ProductName.Length > 0 ? reply.ProductName : $"{reply.ProductCount} products";
        console.WriteLine($"users for {wanted}; {reply.EligibleCount} eligible");
        console.Write(table);
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
