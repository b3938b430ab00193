using Engine.Datasets.Mapping;
using Engine.Tests.Tables;
using Spectre.Console;
using Tests.Shared;
using Trainer.Commands;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;

namespace Trainer.Tests.Data;

/// <summary>A decimal comma concerns numbers that are text: stored numbers have none.</summary>
public sealed class DecimalCommaTests
{
    [Fact]
    public void Numbers_of_Parquet_keep_their_value_beside_text_with_commas()
    {
        using var folder = new TemporaryFolder();
        var (behavior, product) = (folder.File("b.parquet"), folder.File("p.parquet"));
        Duck.Run(
            "COPY (SELECT 'U' || (i % 7) AS user_id, 'P' || (i % 12) AS item_id, 'buy' AS event, "
            + "TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS ts, CAST(1000 AS DECIMAL(9, 3)) AS qty "
            + $"FROM range(60) t(i)) TO '{behavior}' (FORMAT parquet)");
        Duck.Run(
            "COPY (SELECT 'P' || i AS item_id, 'Tea ' || i AS name, 1.234::DOUBLE AS weight, "
            + "CAST(2.345 AS DECIMAL(9, 3)) AS width, '1.234,' || i AS price "
            + $"FROM range(12) t(i)) TO '{product}' (FORMAT parquet)");
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        InitCommand.Run(
            new InitPlaces(null, behavior, product), folder.File("d.json"), false, console, CancellationToken.None);
        var definition = DatasetFile.Read(folder.File("d.json"));
        Assert.True(definition.Product.DecimalComma);
        definition = definition with { Behavior = definition.Behavior with { DecimalComma = true } };

        var dataset = DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);

        double First(string column) =>
            dataset.Products.Tags.OfType<NumberTag>().Single(tag => tag.Column == column).Values[0];
        Assert.Equal((1.234, 2.345, 1234.0), (First("weight"), First("width"), First("price")));
        Assert.Equal(60_000, Enumerable.Range(0, 60).Sum(i => (long)dataset.Behaviors[i].Count));
    }
}
