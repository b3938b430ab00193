using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>query next-order: when users order again, and what.</summary>
internal static class QueryNextOrder
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var shared = new QueryOptions();
        var users = QueryOptions.Ids("--user", "User ids, at least one.");
        var within = new Option<int>("--within")
        {
            Description = "Days after the last day of the data, 1 to 90. Default: the snapshot's horizon.",
            Validators = { OptionRules.RefuseBelowOne },
        };
        var command = new Command("next-order", "When users order again, and which products are due.")
        {
            users, within, shared.Top, shared.Pool, shared.PoolRule, shared.SavedPool,
        };
        return shared.Complete(
            command,
            (queried, parsed, clock) => NextOrderCall.Answer(
                queried.Model,
                queried.Catalog,
                new NextOrderRequest
                {
                    UserIds = { parsed.GetRequiredValue(users) },
                    WithinDays = parsed.GetValue(within),
                    TopK = parsed.GetRequiredValue(shared.Top),
                    Pool = shared.PoolOf(parsed),
                },
                clock),
            Print);
    }

    private static void Print(NextOrderReply reply)
    {
        var console = Screen.Create();
        foreach (var user in reply.Users)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{user.UserId}: orders within {reply.WithinDays} days with probability {user.Probability:F3}, "
                + $"{user.ExpectedOrders:F2} orders expected, likely on {user.LikelyDate}; "
                + $"{user.OrderDays} order days so "
                + $"far, the last on {user.LastOrderDate}, every {user.IntervalDays:F0} days"));
            var table = Screen.Table("product", "name", "probability", "due", "last purchase", "times", "every, days");
            foreach (var product in user.Products)
            {
                table.AddRow(
                    Screen.Text(product.ProductId),
                    Screen.Text(product.ProductName),
                    product.Probability.ToString("F4", CultureInfo.InvariantCulture),
                    product.DueDate,
                    product.LastPurchaseDate,
                    product.PurchaseDays.ToString(CultureInfo.InvariantCulture),
                    product.IntervalDays.ToString("F0", CultureInfo.InvariantCulture));
            }

            console.Write(table);
        }

        Footer.Write(console, reply.SnapshotId, reply.Skipped, reply.SkippedCount, reply.Warnings, reply.ServerMicros);
    }
}
