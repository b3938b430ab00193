using System.CommandLine;
using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;

namespace Bench;

/// <summary>
/// The verb <c>dataset</c>: interactions as the two tables that `trainer train` reads. Every interaction is a
/// purchase at a day of one year that a hash of user and item chooses, so that every window holds its part of it.
/// </summary>
internal static class DatasetCommand
{
    private const int Days = 365;
    private static readonly DateTime Start = new(2024, 1, 1, 12, 0, 0, DateTimeKind.Unspecified);

    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of interactions", Required = true };
        var output = new Option<DirectoryInfo>("--out") { Description = "The folder to write into", Required = true };
        var share = new Option<int>("--one-of")
        {
            Description = "Take one user of so many",
            DefaultValueFactory = _ => 1,
        };
        var copies = new Option<int>("--copies")
        {
            Description = "Users of the result for each user, with other days",
            DefaultValueFactory = _ => 1,
        };
        var productCopies = new Option<int>("--product-copies")
        {
            Description = "Products of the result for each product: a hash of user and product chooses which is bought",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command("dataset", "Write tables for `trainer train` from interactions")
        {
            data,
            output,
            share,
            copies,
            productCopies,
        };
        command.SetAction(
            parsed => Run(
                parsed.GetRequiredValue(data).FullName,
                parsed.GetRequiredValue(output).FullName,
                parsed.GetValue(share),
                parsed.GetValue(copies),
                parsed.GetValue(productCopies)));
        return command;
    }

    private static void Run(string data, string output, int oneOf, int copies, int productCopies)
    {
        var matrix = InteractionFiles.Read(data, binary: false);
        Directory.CreateDirectory(output);
        using var behavior = TableFile.Create(
            Path.Combine(output, "behavior.parquet"),
            [
                new("user_id", ColumnType.Text),
                new("product_id", ColumnType.Text),
                new("type", ColumnType.Text),
                new("time", ColumnType.Time),
                new("count", ColumnType.WholeNumber),
            ]);
        for (var row = 0; row < matrix.RowCount * copies; row += oneOf)
        {
            var (user, id) = (row % matrix.RowCount, Id('U', row));
            var counts = matrix.RowWeights(user);
            foreach (var (n, item) in matrix.RowColumns(user).ToArray().Index())
            {
                var hash = (((ulong)(uint)row << 32) | (uint)item) * 0x9E3779B97F4A7C15UL;
                behavior.Write(id);
                behavior.Write(Id('P', item + (matrix.ColumnCount * (int)((hash >> 20) % (ulong)productCopies))));
                behavior.Write("buy");
                behavior.Write(Start.AddDays((int)((hash >> 40) % Days)));
                behavior.Write((long)counts[n]);
                behavior.EndRow();
            }
        }

        behavior.Complete();
        using var product = TableFile.Create(
            Path.Combine(output, "product.parquet"),
            [
                new("product_id", ColumnType.Text),
                new("product_name", ColumnType.Text),
                new("category", ColumnType.Text),
            ]);
        for (var item = 0; item < matrix.ColumnCount * productCopies; item++)
        {
            product.Write(Id('P', item));
            product.Write(string.Create(CultureInfo.InvariantCulture, $"Product {item}"));
            product.Write(string.Create(CultureInfo.InvariantCulture, $"Category {item % 50}"));
            product.EndRow();
        }

        product.Complete();
        File.WriteAllText(Path.Combine(output, "dataset.json"), DatasetFile.Text(Definition()));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture, $"{behavior.Rows} purchases of {product.Rows} products in {output}"));
    }

    private static DatasetDefinition Definition() => new()
    {
        Behavior = new BehaviorTable
        {
            Files = ["behavior.parquet"],
            UserId = "user_id",
            ProductId = "product_id",
            Type = "type",
            Time = "time",
            Count = "count",
            Types = new Dictionary<string, BehaviorKind> { ["buy"] = BehaviorKind.Purchase },
        },
        Product = new ProductTable
        {
            Files = ["product.parquet"],
            ProductId = "product_id",
            ProductName = "product_name",
            Tags = [new TagDefinition { Column = "category" }],
        },
    };

    private static string Id(char kind, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}{number:D7}");
}
