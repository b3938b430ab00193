using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;
using BehaviorType = Engine.Protos.V1.BehaviorType;

namespace Engine.Server.Commands;

/// <summary>query recommend: the products for a user, a basket or both.</summary>
internal static class QueryRecommend
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var user = new Option<string>("--user") { Description = "User id.", DefaultValueFactory = _ => "" };
        var recent = QueryOptions.Ids(
            "--recent", "Recent behavior of the shopper: PRODUCT or PRODUCT=view|favorite|cart|purchase.");
        var unknown = QueryOptions.OneOf(
            "--on-unknown", "For an unknown user: error, empty or popularInPool.", "error", "empty", "popularInPool");
        var explain = new Option<bool>("--explain") { Description = "Print the terms of each score." };
        var command = new Command("recommend", "The top products for a user, a basket, or both.")
        {
            user, recent, shared.Top, shared.Pool, shared.PoolRule, shared.SavedPool, shared.Exclude, shared.Purchased,
            unknown, explain,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => RecommendCall.Answer(
                queried.Model,
                queried.Catalog,
                new RecommendRequest
                {
                    UserId = parsed.GetRequiredValue(user),
                    Recent = { parsed.GetRequiredValue(recent).Select(ParseRecent) },
                    TopK = parsed.GetRequiredValue(shared.Top),
                    Pool = shared.PoolOf(parsed),
                    ExcludeProductIds = { parsed.GetRequiredValue(shared.Exclude) },
                    Purchased = QueryOptions.Word<PurchasedPolicy>(parsed.GetRequiredValue(shared.Purchased)),
                    OnUnknown = QueryOptions.Word<OnUnknownUser>(parsed.GetRequiredValue(unknown)),
                    Explain = parsed.GetValue(explain),
                },
                clock),
            Print);
    }

    internal static RecentBehavior ParseRecent(string text)
    {
        // Ids are opaque: only a behavior type after the last '=' counts.
        var at = text.LastIndexOf('=');
        return at > 0 && Enum.TryParse<BehaviorType>(text[(at + 1)..], ignoreCase: true, out var type)
            ? new RecentBehavior { ProductId = text[..at], Type = type }
            : new RecentBehavior { ProductId = text, Type = BehaviorType.Purchase };
    }

    /// <summary>The reply as a table.</summary>
    public static void Print(RecommendReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("rank", "product", "name", "score", "probability", "percentile");
        foreach (var product in reply.Products)
        {
            table.AddRow(
                product.Rank.ToString(CultureInfo.InvariantCulture),
                Screen.Text(product.ProductId),
                Screen.Text(product.ProductName),
                product.Score.ToString("F4", CultureInfo.InvariantCulture),
                Screen.Probability(product.HasProbability, product.Probability),
                Screen.Percentile(product.Percentile));
            foreach (var term in product.Contributions)
            {
                table.AddRow(
                    "", "", $"  {QueryExplain.Words(term)}", term.Value.ToString("F4", CultureInfo.InvariantCulture));
            }
        }

        console.Write(table);
        var removed = string.Concat(reply.Removed.Select(clause => $", {clause.Removed} removed by {clause.Clause}"));
        console.WriteLine(
            $"from {reply.Source}; {reply.EligibleCount} of {reply.ProductCount} products eligible{removed}");
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
