using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query score: the scores of given pairs.</summary>
internal static class QueryScore
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var users = QueryOptions.Ids("--users", "User ids, at least one.");
        var products = QueryOptions.Ids("--products", "Product ids, at least one.");
        var command = new Command("score", "The score of each given user with each given product.") { users, products };
        return new QueryOptions().Complete(
            command,
            (queried, parsed, clock) => ScoreCall.Answer(
                queried.Model,
                queried.Catalog,
                new ScoreRequest
                {
                    UserIds = { parsed.GetRequiredValue(users) },
                    ProductIds = { parsed.GetRequiredValue(products) },
                },
                clock),
            Print);
    }

    private static void Print(ScoreReply reply)
    {
        var console = Screen.Create();
        var table = Screen.Table("user", "product", "score", "probability", "percentile");
        foreach (var pair in reply.Pairs)
        {
            table.AddRow(
                Screen.Text(pair.UserId),
                Screen.Text(pair.ProductId),
                pair.Score.ToString("F4", CultureInfo.InvariantCulture),
                Screen.Probability(pair.HasProbability, pair.Probability),
                Screen.Percentile(pair.Percentile));
        }

        console.Write(table);
        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
