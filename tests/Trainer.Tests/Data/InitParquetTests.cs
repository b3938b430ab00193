using Engine.Tests.Tables;
using Tests.Shared;
using Spectre.Console;
using Trainer.Commands;

namespace Trainer.Tests.Data;

/// <summary><c>init</c> looks at the columns that can be read and names the others.</summary>
public sealed class InitParquetTests
{
    [Fact]
    public void Odd_columns_do_not_stop_it_and_are_named()
    {
        using var folder = new TemporaryFolder();
        var (behavior, product) = (folder.File("behavior.parquet"), folder.File("product.parquet"));
        Duck.Run(
            "COPY (SELECT 'U' || (i % 40) AS user_id, 'P' || (i % 30) AS item_id, CASE WHEN i % 3 = 0 THEN 'buy' "
            + "ELSE 'view' END AS event, "
            +
            "TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS ts, {'page': i} AS details, '\\xFF\\xFE'::BLOB AS raw " +
            $"FROM range(600) t(i)) TO '{behavior}' (FORMAT parquet, PARQUET_VERSION V2)");
        Duck.Run(
            "COPY (SELECT 'P' || i AS item_id, 'Tea ' || i AS name, CAST(i + 0.5 AS DECIMAL(9, 2)) AS price, " +
            $"['green', 'leaf ' || (i % 3)] AS labels FROM range(30) t(i)) TO '{product}' (FORMAT parquet)");
        using var output = new StringWriter();
        var console =
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = 1000;

        InitCommand.Run(
            new InitPlaces(null, behavior, product),
            folder.File("d.json"),
            force: false,
            console,
            CancellationToken.None);
        var definition = Engine.Datasets.Mapping.DatasetFile.Read(folder.File("d.json"));

        Assert.Equal(("user_id", "item_id"), (definition.Behavior.UserId, definition.Behavior.ProductId));
        Assert.Contains(
            definition.Product.Tags,
            tag => tag is { Column: "labels", Type: Engine.Datasets.Mapping.TagType.Multi, Separator: null });
        Assert.Contains("the column 'details' is a structure", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "the column 'raw' (ByteArray) holds bytes that are not UTF-8 text: FFFE",
            output.ToString(),
            StringComparison.Ordinal);
    }
}
