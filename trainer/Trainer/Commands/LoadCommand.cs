using System.CommandLine;
using System.Globalization;
using Engine;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Sources;

namespace Trainer.Commands;

/// <summary>
/// <c>source load</c>: both tables of a dataset of files into a source, and the mapping that names them there.
/// </summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source file" };
        var dataset = new Option<string>("--dataset")
        {
            Description = "dataset.json whose tables are files",
            Required = true,
        };
        var behavior = new Option<string>("--behavior")
        {
            Description = "The behavior table; replaced when it exists",
            DefaultValueFactory = _ => "behavior",
        };
        var product = new Option<string>("--product")
        {
            Description = "The product table; replaced when it exists",
            DefaultValueFactory = _ => "product",
        };
        var output = new Option<string>("--out")
        {
            Description = "Where to write the mapping with tables instead of files",
            Required = true,
        };
        var streams = new Option<int>("--streams")
        {
            Description = "Parallel connections, 1..16",
            DefaultValueFactory = _ => new SqlWriteOptions().Streams,
        };
        var command = new Command("load", "Load the files of a dataset into a source.")
        {
            source, dataset, behavior, product, output, streams,
        };
        command.SetWork((parsed, cancel) =>
        {
            var options = WriteCommand.Options(parsed.GetValue(streams), cancel);
            var (behaviors, products) = ConsoleProgress.Run(options.Time, progress => Run(
                parsed.GetRequiredValue(source),
                parsed.GetRequiredValue(dataset),
                parsed.GetRequiredValue(behavior),
                parsed.GetRequiredValue(product),
                parsed.GetRequiredValue(output), options, progress));
            var document = new
            {
                BehaviorTable = parsed.GetRequiredValue(behavior),
                BehaviorRows = behaviors,
                ProductTable = parsed.GetRequiredValue(product),
                ProductRows = products,
                Mapping = parsed.GetRequiredValue(output),
            };
            parsed.Print(document, string.Create(
                CultureInfo.InvariantCulture,
                $"{behaviors:N0} rows in {parsed.GetRequiredValue(behavior)} and {products:N0} in "
                + $"{parsed.GetRequiredValue(product)}, counts verified; mapping: {parsed.GetRequiredValue(output)}"));
            return 0;
        });
        return command;
    }

    /// <summary>
    /// Loads and returns the rows of both tables. Behaviors have no key, so a connection that is lost while they are
    /// written ends the loading; a table that was there stays as it was then.
    /// </summary>
    internal static (long Behaviors, long Products) Run(
        string source,
        string dataset,
        string behavior,
        string product,
        string output,
        SqlWriteOptions options,
        IProgressReporter progress)
    {
        var definition = DatasetFile.Read(dataset);
        if (definition.Source is not null)
        {
            throw new InputException(
                $"{dataset} names tables of a source already: one whose tables are files was expected.");
        }

        var products = Load(definition.Product.Files, product, [definition.Product.ProductId]);
        var behaviors = Load(definition.Behavior.Files, behavior, []);
        File.WriteAllText(output, DatasetFile.Text(definition with
        {
            Source = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(output))!, source),
            Behavior = definition.Behavior with { Files = [], Table = behavior },
            Product = definition.Product with { Files = [], Table = product },
        }));
        return (behaviors, products);

        long Load(IReadOnlyList<string> files, string table, string[] key)
        {
            var columns = ColumnTypes.Find(files, new Dictionary<string, ColumnType>());
            return WriteCommand.Run(source, table, files, new ResultShape(columns, key), options, progress);
        }
    }
}
