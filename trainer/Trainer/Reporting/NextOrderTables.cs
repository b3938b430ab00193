using System.Globalization;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Trainer.Reporting;

/// <summary>The evaluation of next orders, for the report as text and as a page.</summary>
internal static class NextOrderTables
{
    /// <summary>What was judged, in a sentence.</summary>
    public static string Sentence(Snapshot snapshot) => snapshot.NextOrder switch
    {
        null => "No next orders: the data hold too few.",
        { Evaluation: null } => "Next orders are predicted, but the data are too short to evaluate them.",
        { Evaluation: { } next } => string.Create(
            CultureInfo.InvariantCulture,
            $"Next orders, evaluated on {next.FirstDay} .. {next.LastDay}: "
            + $"{next.Buyers:N0} of {next.Users:N0} customers "
            + $"ordered, {next.PredictedBuyers:N0} were predicted; {next.Orders:N0} order days, "
            + $"{next.PredictedOrders:N0} predicted. {Season(next)}"),
    };

    private static string Season(NextOrderReport next) => next.BuyersWithoutSeason is { } buyers
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"Without the season of the year before {buyers:N0} customers and "
            + $"{next.OrdersWithoutSeason:N0} order days.")
        : "No season: the data do not reach back to the same days a year before, or it did not help.";

    /// <summary>Columns and rows of each table.</summary>
    public static IEnumerable<(string[] Columns, IEnumerable<string[]> Rows)> Of(Snapshot snapshot)
    {
        if (snapshot.NextOrder?.Evaluation is not { } next)
        {
            yield break;
        }

        yield return (
            ["who orders; who buys a product again", "model", "AUC", "log-loss", "precision"],
            next.Rows.Select(row =>
                (string[])[row.Subject, row.Model, Text(row.Auc), Text(row.LogLoss), Text(row.Precision)]));
        yield return (
            ["likely day of the next order", "mean error, days"],
            next.Dates.Select(row => (string[])[row.Model, Text(row.MeanDays)]));
        yield return (
            ["probability of an order", "predicted", "observed"],
            next.Bins.Select((bin, n) => (string[])[$"tenth {n + 1}", Text(bin.Predicted), Text(bin.Observed)]));
    }

    private static string Text(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
