using System.CommandLine;
using System.Globalization;
using Engine;
using Spectre.Console;
using Trainer.Data.Generate;

namespace Trainer.Commands;

/// <summary><c>generate</c>: writes the tables of a synthetic brand and their mapping.</summary>
internal static class GenerateCommand
{
    // A year of answers may follow; no table has a day after 2149-06-06.
    private const int LastYear = 2147;

    public static Command Create()
    {
        var size = new Option<string>("--size")
        {
            Description = "tiny (300 users, 60 products), small (5k, 500), medium (100k, 5k) or large (1M, 20k).",
            DefaultValueFactory = _ => "small",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "The same seed gives the same bytes.",
            DefaultValueFactory = _ => 1,
        };
        var kind = new Option<string>("--brand")
        {
            Description = "mixed, consumables (bought again within weeks) or fashion (seasonal "
                + "collections, few repeat purchases).",
            DefaultValueFactory = _ => BrandKind.Mixed.Name,
        };
        var output = new Option<string>("--out") { Description = "The folder to write into.", Required = true };
        var format = new Option<string>("--format")
        {
            Description = "csv or parquet.",
            DefaultValueFactory = _ => "csv",
        };
        var lastDay = new Option<string?>("--last-day")
        {
            Description = "The last day of the data, yyyy-MM-dd. Default: 2025-06-30.",
        };
        var dirty = new Option<bool>("--dirty")
        {
            Description = "Add files with bad rows of every kind. To train on them give --allow-rejected 1.",
        };
        var response = new Option<string?>("--response")
        {
            Description = "The result of a batch with --holdout-share: add the days after the messages, "
                + "in which treated users answer with a known lift.",
        };
        var lift = new Option<double>("--response-lift")
        {
            Description = "What a message adds to a user's chance to buy a product of the own list.",
            DefaultValueFactory = _ => 0.05,
        };
        var rate = new Option<double>("--response-rate")
        {
            Description = "That chance without a message, on average.",
            DefaultValueFactory = _ => 0.1,
        };
        var days = new Option<int>("--response-days")
        {
            Description = "Days after the messages, 1..365.",
            DefaultValueFactory = _ => 30,
        };
        var draw = new Option<ulong>("--response-seed")
        {
            Description = "What the answers are drawn from.",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "generate", "Write a realistic synthetic brand: behavior table, product table and dataset.json.")
        {
            size, kind, seed, lastDay, output, format, dirty, response, lift, rate, days, draw,
        };
        command.SetWork((result, cancel) =>
        {
            var answers = result.GetValue(response) is { } messages
                ? new CampaignResponse(
                    messages,
                    result.GetValue(lift),
                    result.GetValue(rate),
                    result.GetValue(days),
                    result.GetValue(draw))
                : null;
            answers?.Check();
            Run(
                result,
                new BrandGenerator(
                    BrandSize.Named(result.GetRequiredValue(size)),
                    result.GetValue(seed),
                    BrandKind.Named(result.GetRequiredValue(kind)),
                    Day(result.GetValue(lastDay)))
                {
                    Response = answers,
                },
                result.GetRequiredValue(output), result.GetRequiredValue(format), result.GetValue(dirty), cancel);
            return 0;
        });
        return command;
    }

    private static DateOnly? Day(string? text) =>
        text is null ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is >= 1980 and <= LastYear ? day
        : throw new InputException(
            $"--last-day is '{text}': expected a day from 1980-01-01 to {LastYear}-12-31 as yyyy-MM-dd.");

    private static void Run(
        ParseResult parsed, BrandGenerator generator, string output, string format, bool dirty,
        CancellationToken cancel)
    {
        if (format is not ("csv" or "parquet"))
        {
            throw new InputException($"--format is '{format}': give csv or parquet.");
        }

        Directory.CreateDirectory(output);
        var brand = ConsoleProgress.Run(
            TimeProvider.System, progress => generator.Write(output, format, dirty, progress, cancel));
        var culture = CultureInfo.InvariantCulture;
        var mapping = Path.Combine(output, "dataset.json");
        parsed.PrintJson(new
        {
            brand.Behaviors,
            brand.Products,
            Mapping = mapping,
            BadBehaviors = brand.Bad?.Behaviors.Keys,
            BadProducts = brand.Bad?.Products.Keys,
        });
        var console = parsed.Screen();
        console.WriteLine(
            string.Create(culture, $"{brand.Behaviors:N0} behaviors and {brand.Products:N0} products in {output}"));
        if (brand.Bad is { } bad)
        {
            console.WriteLine(
                $"{DirtyRows.Each} bad rows of each kind: behaviors {string.Join(", ", bad.Behaviors.Keys)}; "
                + $"products {string.Join(", ", bad.Products.Keys)}");
        }

        console.WriteLine($"mapping: {mapping}");
    }
}
