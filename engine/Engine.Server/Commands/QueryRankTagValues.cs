using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query rank-tag-values: categories or brands for a user.</summary>
internal static class QueryRankTagValues
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var user = new Option<string>("--user") { Description = "User id.", DefaultValueFactory = _ => "" };
        var recent = QueryOptions.Ids(
            "--recent", "Recent behavior of the shopper: PRODUCT or PRODUCT=view|favorite|cart|purchase.");
        var tag = new Option<string>("--tag") { Description = "A text tag: category, brand.", Required = true };
        var by = QueryOptions.OneOf("--by", "What a value scores: its best product, or the mean.", "best", "mean");
        var command = new Command("rank-tag-values", "The categories, brands or other values that a user wants most.")
        {
            user, recent, tag, by, shared.Top, shared.Pool, shared.PoolRule, shared.SavedPool, shared.Exclude,
            shared.Purchased,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => RankTagValuesCall.Answer(
                queried.Model,
                queried.Catalog,
                new RankTagValuesRequest
                {
                    UserId = parsed.GetRequiredValue(user),
                    Recent = { parsed.GetRequiredValue(recent).Select(QueryRecommend.ParseRecent) },
                    Tag = parsed.GetRequiredValue(tag),
                    TopK = parsed.GetRequiredValue(shared.Top),
                    Pool = shared.PoolOf(parsed),
                    ExcludeProductIds = { parsed.GetRequiredValue(shared.Exclude) },
                    Purchased = QueryOptions.Word<PurchasedPolicy>(parsed.GetRequiredValue(shared.Purchased)),
                    By = QueryOptions.Word<PoolScore>(parsed.GetRequiredValue(by)),
                },
                clock),
            Print);
    }

    private static void Print(RankTagValuesReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("rank", "value", "score", "products", "best product", "name", "probability");
        foreach (var value in reply.Values)
        {
            table.AddRow(
                value.Rank.ToString(CultureInfo.InvariantCulture),
                Screen.Text(value.Value),
                value.Score.ToString("F4", CultureInfo.InvariantCulture),
                value.ProductCount.ToString(CultureInfo.InvariantCulture),
                Screen.Text(value.ProductId),
                Screen.Text(value.ProductName),
                Screen.Probability(value.HasProbability, value.Probability));
        }

        console.Write(table);
        console.WriteLine($"{reply.ValueCount} values of {reply.EligibleCount} eligible products");
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
