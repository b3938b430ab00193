using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;

namespace Trainer.Data.Generate;

/// <summary>What was generated.</summary>
/// <param name="Definition">The mapping, as it stands in dataset.json.</param>
/// <param name="Behaviors">Rows of the behavior table, bad ones left out.</param>
/// <param name="Products">Rows of the product table, bad ones left out.</param>
/// <param name="Bad">Bad rows by table and reason, which reading must find.</param>
internal sealed record GeneratedBrand(DatasetDefinition Definition, long Behaviors, int Products, DirtyRows? Bad);

/// <summary>
/// Writes a believable brand: behavior and product table and dataset.json. The same size, kind, seed and last day give
/// the same bytes. Customers are made one after the other, each from a random stream of its own; memory does not grow
/// with them.
/// </summary>
internal sealed class BrandGenerator(BrandSize size, ulong seed, BrandKind kind, DateOnly? lastDay = null)
{
    private const int StatisticDays = 90;

    /// <summary>The last day of the data when none is given.</summary>
    public static readonly DateOnly DefaultLastDay = new(2025, 6, 30);

    // Fourteen months.
    private const int Days = 426;

    private readonly DateOnly _end = lastDay ?? DefaultLastDay;
    private readonly BrandCatalog _catalog = new(size.Products, seed, kind, Start(lastDay), lastDay ?? DefaultLastDay);
    private readonly long[] _sold = new long[size.Products];

    /// <summary>What customers do after messages, in the days behind the last; null for nothing.</summary>
    public CampaignResponse? Response { get; init; }

    /// <summary>Writes everything below a folder.</summary>
    /// <param name="folder">The folder, made when absent.</param>
    /// <param name="ending"><c>csv</c> or <c>parquet</c>.</param>
    /// <param name="dirty">Whether to add files of bad rows.</param>
    /// <param name="progress">Where to say how far it is.</param>
    /// <param name="cancel">Ends the work; unfinished files disappear.</param>
    public GeneratedBrand Write(
        string folder, string ending, bool dirty, IProgressReporter progress, CancellationToken cancel)
    {
        List<string> behaviorFiles = [$"behavior.{ending}"];
        List<string> productFiles = [$"product.{ending}"];
        var behaviors = WriteBehaviors(Path.Combine(folder, behaviorFiles[0]), progress, cancel);
        WriteProducts(Path.Combine(folder, productFiles[0]));
        if (Response is { } response)
        {
            behaviorFiles.Add($"behavior-response.{ending}");
            response.Write(
                Path.Combine(folder, behaviorFiles[^1]),
                _catalog,
                Enumerable.Range(0, size.Users).Select(UserId),
                _end);
        }

        DirtyRows? bad = null;
        if (dirty)
        {
            bad = new DirtyRows(UserId(0), _catalog.Products[0].Id);
            behaviorFiles.Add("behavior-dirty.csv");
            productFiles.Add("product-dirty.csv");
            bad.Write(Path.Combine(folder, behaviorFiles[^1]), Path.Combine(folder, productFiles[1]));
        }

        var definition = GeneratedTables.Definition(behaviorFiles, productFiles);
        File.WriteAllText(Path.Combine(folder, "dataset.json"), DatasetFile.Text(definition));
        return new GeneratedBrand(definition, behaviors, size.Products, bad);
    }

    private static DateOnly Start(DateOnly? lastDay) => (lastDay ?? DefaultLastDay).AddDays(1 - Days);

    private static string UserId(int user) => $"C{user + 1:D7}";

    private long WriteBehaviors(string path, IProgressReporter progress, CancellationToken cancel)
    {
        using var table = TableFile.Create(path, GeneratedTables.Behavior);
        var end = _end.AddDays(1).ToDateTime(TimeOnly.MinValue);
        var statisticFrom = end.AddDays(-StatisticDays);
        for (var user = 0; user < size.Users; user++)
        {
            if (user % 256 == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress.Report("generate customers", user, size.Users);
            }

            var random = new Prng(seed, (ulong)user);
            var shopper = new Shopper(_catalog, random, kind, Start(_end).ToDateTime(TimeOnly.MinValue), end);
            var id = UserId(user);
            var channel = random.Chance(0.5) ? "app" : random.Chance(0.8) ? "web" : "store";
            foreach (var row in shopper.Shop(size.Visits))
            {
                Write(table, id, channel, row);
                _sold[row.Product] += row.Kind == BehaviorKind.Purchase && row.Time >= statisticFrom ? row.Count : 0;
            }
        }

        table.Complete();
        progress.Report("generate customers", size.Users, size.Users);
        return table.Rows;
    }

    private void Write(TableWriter table, string user, string channel, ShopperRow row)
    {
        var product = _catalog.Products[row.Product];
        table.Write(user);
        table.Write(product.Id);
        table.Write(GeneratedTables.TypeValue(row.Kind));
        table.Write(row.Time);
        if (row.Count > 0)
        {
            table.Write((long)row.Count);
        }
        else
        {
            table.WriteNull();
        }

        if (row.Order > 0)
        {
            table.Write(Math.Round(product.Price * row.Count, 2));
        }
        else
        {
            table.WriteNull();
        }

        table.Write(channel);
        table.Write(row.Order > 0 ? $"{user}-{row.Order}" : "");
        table.EndRow();
    }

    private void WriteProducts(string path)
    {
        using var table = TableFile.Create(path, GeneratedTables.Product);
        for (var i = 0; i < _catalog.Products.Length; i++)
        {
            var product = _catalog.Products[i];
            table.Write(product.Id);
            table.Write(product.Name);
            table.Write(BrandWords.Categories[product.Category].Name);
            table.Write(product.Line);
            table.Write(product.Colors);
            table.Write(product.Sizes);
            table.Write(product.Price);
            table.Write(product.Launched);
            table.Write(_sold[i]);
            table.EndRow();
        }

        table.Complete();
    }
}
