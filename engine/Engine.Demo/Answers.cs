using System.Globalization;
using Engine.Protos.V1;
using Spectre.Console;

namespace Engine.Demo;

/// <summary>Replies as tables.</summary>
internal static class Answers
{
    // A pipe has no width: let tables have what they need.
    private const int PipeWidth = 100_000;

    /// <summary>The storefront engineer's answer.</summary>
    public static void Print(string user, RecommendReply reply, IReadOnlyList<string> reasons) => Print(
        $"Storefront: what does user {user} want next? ({reply.EligibleCount} of {reply.ProductCount} products "
        + $"eligible, {reply.ServerMicros} us)",
        ["rank", "product", "name", "buys it in the window", "why"],
        reply.Products.Select(
            (product, i) => new[]
            {
                $"{product.Rank}",
                product.ProductId,
                product.ProductName,
                Chance(product.HasProbability, product.Probability, product.Percentile),
                reasons[i],
            }),
        reply.Warnings);

    /// <summary>What goes with a product.</summary>
    public static void Print(string asked, RelatedProductsReply reply) => Print(
        $"Product page: what goes with {asked}, bought with it by {reply.MinSupport} users or more? "
        + $"({reply.ServerMicros} us)",
        ["rank", "product", "name", "strength", "partial", "bought both", "confidence", "lift"],
        reply.Products.Select(product => new[]
        {
            $"{product.Rank}", product.ProductId, product.ProductName, $"{product.Strength:F4}",
            $"{product.PartialCorrelation:F4}", $"{product.Support}", $"{product.Confidence:P1}", $"{product.Lift:F2}",
        }),
        reply.Warnings);

    /// <summary>The marketer's answer.</summary>
    public static void Print(RankUsersReply reply, IReadOnlyList<string> reasons) => Print(
        $"Campaign: who should hear of {reply.ProductName}, and has not bought it? ({reply.EligibleCount} users "
        + $"eligible, {reply.ServerMicros} us)",
        ["rank", "user", "buys it in the window", "why"],
        reply.Users.Select(
            (user, i) => new[]
            {
                $"{user.Rank}",
                user.UserId,
                Chance(user.HasProbability, user.Probability, user.Percentile),
                reasons[i],
            }),
        reply.Warnings);

    // Without enough purchases to calibrate on there is no probability; the percentile is comparable too.
    private static string Chance(bool isCalibrated, double probability, float percentile) =>
        isCalibrated
            ? string.Create(CultureInfo.InvariantCulture, $"{probability:P1}")
            : string.Create(CultureInfo.InvariantCulture, $"above {percentile:F1} % of users");

    private static void Print(string title, string[] heads, IEnumerable<string[]> rows, IEnumerable<string> warnings)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PipeWidth;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var head in heads)
        {
            table.AddColumn(head);
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        Console.WriteLine();
        Console.WriteLine(title);
        AnsiConsole.Write(table);
        foreach (var warning in warnings)
        {
            Console.WriteLine($"note: {warning}");
        }
    }
}
