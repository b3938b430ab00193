using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query estimate-audience: how many users score at least so much for a product.</summary>
internal static class QueryEstimate
{
    /// <summary>Every so many points of the curve are printed.</summary>
    private const int Printed = 15;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var product = new Option<string>("--product") { Description = "Product id.", Required = true };
        var users = QueryOptions.Ids("--users", "Only these user ids.");
        var audience = new Option<string>("--audience")
        {
            Description = "Only users of this saved audience of the snapshot's workspace.",
            DefaultValueFactory = _ => "",
        };
        var command = new Command(
            "estimate-audience",
            "How many users score at least t for a product, for 256 thresholds t (--json prints all).")
        {
            product, users, audience, shared.Purchased,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => EstimateCall.Answer(
                queried.Model,
                queried.Catalog,
                new EstimateAudienceRequest
                {
                    ProductId = parsed.GetRequiredValue(product),
                    Audience = parsed.GetRequiredValue(audience),
                    UserIds = { parsed.GetRequiredValue(users) },
                    Purchased = QueryOptions.Word<PurchasedPolicy>(parsed.GetRequiredValue(shared.Purchased)),
                },
                clock),
            Print);
    }

    private static void Print(EstimateAudienceReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("score at least", "users");
        for (var i = 0; i < reply.Curve.Count; i += Printed)
        {
            table.AddRow(
                reply.Curve[i].Threshold.ToString("F4", CultureInfo.InvariantCulture),
                reply.Curve[i].UserCount.ToString("N0", CultureInfo.InvariantCulture));
        }

        console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"users for {reply.ProductName}; {reply.EligibleCount} eligible; "
                + $"thresholds within {reply.ScoreError:E1}"));
        console.Write(table);
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
