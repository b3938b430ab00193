using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query explain: the terms of one score.</summary>
internal static class QueryExplain
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "User id.", DefaultValueFactory = _ => "" };
        var recent =
            QueryOptions.Ids("--recent", "What the shopper just did: PRODUCT or PRODUCT=view|favorite|cart|purchase.");
        var product = new Option<string>("--product") { Description = "Product id.", Required = true };
        var command = new Command(
            "explain", "The terms that add up to the score of a product for a user, a basket, or both.")
        {
            user, recent, product,
        };
        return new QueryOptions().Complete(
            command,
            (queried, parsed, clock) => ExplainCall.Answer(
                queried.Model,
                queried.Catalog,
                new ExplainRequest
                {
                    UserId = parsed.GetRequiredValue(user),
                    Recent = { parsed.GetRequiredValue(recent).Select(QueryRecommend.ParseRecent) },
                    ProductId = parsed.GetRequiredValue(product),
                },
                clock),
            Print);
    }

    /// <summary>A term in words.</summary>
    public static string Words(Contribution term) => term.Kind switch
    {
        Contribution.Types.Kind.Factors => "factors",
        Contribution.Types.Kind.ProductRate => "the product's rate",
        Contribution.Types.Kind.UserRate => "the user's rate",
        Contribution.Types.Kind.Similarity => $"similar to {Screen.Text(term.ProductId)}",
        Contribution.Types.Kind.OwnHistory => "own history with the product",
        Contribution.Types.Kind.Related => "related to what is on the page",
        Contribution.Types.Kind.Boost => $"rules[[{term.Rule}]] of the placement",
        Contribution.Types.Kind.Diversity => "diversity",
        _ => "purchasers",
    };

    private static void Print(ExplainReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("term", "value");
        foreach (var term in reply.Contributions)
        {
            table.AddRow(Words(term), term.Value.ToString("F4", CultureInfo.InvariantCulture));
        }

        table.AddRow("score", reply.Score.ToString("F4", CultureInfo.InvariantCulture));
        console.WriteLine($"{reply.ProductName}, from {reply.Source}: {reply.Reason}");
        console.Write(table);
        console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the terms add up to the score within {reply.RoundingBound:E1}, the rounding of fp32"));
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
