using System.CommandLine;
using System.Globalization;
using Trainer.Data.Sources;

namespace Trainer.Commands;

/// <summary>
/// <c>extract</c>: copies both tables of a dataset out of their database, for training again and again.
/// </summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var defaults = new ExtractOptions();
        var dataset = new Option<string>("--dataset")
        {
            Description = "dataset.json with 'source', behavior.table and product.table",
            Required = true,
        };
        var output = new Option<string>("--out")
        {
            Description = "A new folder, or the folder of an interrupted extract",
            Required = true,
        };
        var streams = new Option<int>("--streams")
        {
            Description = "Parallel connections, 1..16",
            DefaultValueFactory = _ => defaults.Streams,
        };
        var rows = new Option<long>("--slice-rows")
        {
            Description = "About so many rows per query",
            DefaultValueFactory = _ => defaults.SliceRows,
        };
        var attempts = new Option<int>("--attempts")
        {
            Description = "Attempts of a query whose connection breaks, 1..20",
            DefaultValueFactory = _ => defaults.Attempts,
        };
        var aggregate = new Option<bool>("--aggregate")
        {
            Description = "Aggregate views, favorites and carts by user, product and day in the database, "
                + "so fewer rows cross the network. Purchases and refunds stay row by row",
        };
        var command = new Command(
            "extract", "Copy the tables of a dataset out of their database into Parquet files with a manifest.")
        {
            dataset, output, streams, rows, attempts, aggregate,
        };
        command.SetWork((parsed, cancel) =>
        {
            var options = defaults with
            {
                Streams = parsed.GetValue(streams),
                SliceRows = parsed.GetValue(rows),
                Attempts = parsed.GetValue(attempts),
                Aggregate = parsed.GetValue(aggregate),
            };
            var (manifest, repeats) = ConsoleProgress.Run(
                options.Time,
                progress => Extraction.Run(
                    parsed.GetRequiredValue(dataset), parsed.GetRequiredValue(output), options, progress, cancel));
            var document = new
            {
                manifest.BehaviorRows,
                options.Aggregate,
                manifest.Plan.Bound,
                manifest.ProductRows,
                Folder = parsed.GetRequiredValue(output),
                RetriedQueries = repeats,
            };
            parsed.Print(document, string.Create(
                CultureInfo.InvariantCulture,
                $"{manifest.BehaviorRows:N0} {(options.Aggregate ? "aggregated " : "")}behaviors up to "
                + $"{manifest.Plan.Bound} and {manifest.ProductRows:N0} products in {parsed.GetRequiredValue(output)}, "
                + $"equal to the counts of the source; {repeats} queries were retried."));
            return 0;
        });
        return command;
    }
}
