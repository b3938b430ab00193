using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Scoring.Ids;
using Engine.Server.Contract;
using Engine.Snapshots;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query related: the products that go with one.</summary>
internal static class QueryRelated
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var product = new Option<string>("--product") { Description = "Product id.", Required = true };
        var minSupport = new Option<int>("--min-support")
        {
            Description = "Leave out pairs that fewer users purchased; 1 shows all.",
            DefaultValueFactory = _ => RelatedFigures.DefaultMinSupport,
        };
        var command = new Command("related", "Products that the same users purchase, strongest first.")
        {
            product, shared.Top, minSupport, shared.Pool, shared.PoolRule, shared.SavedPool, shared.Exclude,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => RelatedCall.Answer(
                queried.Model,
                queried.Catalog,
                new RelatedProductsRequest
                {
                    ProductId = parsed.GetRequiredValue(product),
                    TopK = parsed.GetRequiredValue(shared.Top),
                    MinSupport = AtLeastOne(parsed.GetRequiredValue(minSupport)),
                    Pool = shared.PoolOf(parsed),
                    ExcludeProductIds = { parsed.GetRequiredValue(shared.Exclude) },
                },
                clock),
            Print);
    }

    // In the contract 0 stands for the default.
    private static int AtLeastOne(int minSupport)
    {
        Require.Between("--min-support", minSupport, 1, int.MaxValue);
        return minSupport;
    }

    private static void Print(RelatedProductsReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("rank", "product", "name", "strength", "partial", "support", "confidence", "lift");
        foreach (var product in reply.Products)
        {
            table.AddRow(
                product.Rank.ToString(CultureInfo.InvariantCulture),
                Screen.Text(product.ProductId),
                Screen.Text(product.ProductName),
                product.Strength.ToString("F4", CultureInfo.InvariantCulture),
                product.HasPartialCorrelation
                    ? product.PartialCorrelation.ToString("F4", CultureInfo.InvariantCulture)
                    : "",
                product.Support.ToString("N0", CultureInfo.InvariantCulture),
                product.Confidence.ToString("P1", CultureInfo.InvariantCulture),
                product.Lift.ToString("F2", CultureInfo.InvariantCulture));
        }

        console.WriteLine(
            $"related to {reply.ProductName}; {reply.EligibleCount} stored ones eligible, each purchased with it by "
            + $"{reply.MinSupport} users or more");
        console.Write(table);
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
