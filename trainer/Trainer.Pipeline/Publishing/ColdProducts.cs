using System.Text;
using Engine.Snapshots.Format;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Ridge;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Publishing;

/// <summary>
/// New products, which nobody has purchased, get factors and a rate from their tags and the words of their names, by a
/// ridge that the products with purchases teach. It is judged on products that were hidden from it.
/// </summary>
internal static class ColdProducts
{
    private const int MostFeatures = 1_000;
    private const int FewestProducts = 2;
    private const double Regularization = 10;
    private const int HiddenOneOf = 10;

    // Those with the highest rate: a list holds a few, and each takes 0.7 KB of the file.
    private const int MostProducts = 50_000;

    /// <summary>Adds the new products to a snapshot and its report; the same content when there are none.</summary>
    /// <param name="content">With the products in their final order.</param>
    /// <param name="scoped">What it was trained on.</param>
    /// <param name="order">For each product of the content its index in the scope.</param>
    /// <param name="seed">Of what is hidden.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static SnapshotContent Add(
        SnapshotContent content, ScopedDataset scoped, int[] order, ulong seed, RunContext run)
    {
        var catalog = scoped.Dataset.Products;
        var known = Array.ConvertAll(order, product => scoped.ProductSource[product]);
        var features = Features(catalog, known);
        var (fresh, rows) = Fresh(scoped.Dataset, features);
        if (fresh.Length == 0)
        {
            return content;
        }

        run.Progress.Report("new products", 0, 2);
        var columns = content.Manifest.FactorCount + 1;
        var learned = Array.ConvertAll(known, product => Row(catalog, product, features));
        bool[] hidden =
        [
            .. content.ProductIds.Select(
                id => Crc32C.Append((uint)seed, Encoding.UTF8.GetBytes(id)) % HiddenOneOf == 0),
        ];
        var judge = Fit(product => hidden[product]);
        var metrics = new ColdJudge(content, hidden, run).Judge(Predicted(judge, learned, content, columns));
        run.Progress.Report("new products", 1, 2);
        var predicted = Predicted(Fit(_ => false), rows, content, columns);
        var taken = Best(predicted, columns - 1);
        run.Progress.Report("new products", 2, 2);
        return content with
        {
            Cold = SnapshotWriter.Bytes(
                Content(content, scoped.Dataset, predicted, Array.ConvertAll(taken, row => fresh[row]), taken)),
            Report = content.Report with
            {
                Cold = new ColdReport(
                    taken.Length, features.Count, metrics.Hidden, metrics.Users, metrics.Tags, metrics.Popularity,
                    metrics.Own),
            },
        };

        FeatureRidge Fit(Predicate<int> isLeftOut) => FeatureRidge.Fit(
            learned, content.ProductFactors, columns, features.Count, Regularization, isLeftOut, run);
    }

    // Numbered by how many products have them.
    private static Dictionary<(int Tag, string Value), int> Features(ProductCatalog catalog, int[] products) =>
        products.SelectMany(product => TagRows.ValuesOf(catalog, product).Distinct())
            .GroupBy(value => value)
            .Select(values => (values.Key, Count: values.Count()))
            .Where(value => value.Count >= FewestProducts)
            .OrderByDescending(value => value.Count)
            .ThenBy(value => value.Key.Tag)
            .ThenBy(value => value.Key.Value, StringComparer.Ordinal)
            .Take(MostFeatures)
            .Select((value, number) => (value.Key, number))
            .ToDictionary(value => value.Key, value => value.number);

    private static int[] Row(ProductCatalog catalog, int product, Dictionary<(int Tag, string Value), int> features) =>
    [
        .. TagRows.ValuesOf(catalog, product)
            .Select(value => features.GetValueOrDefault(value, -1))
            .Where(feature => feature >= 0)
            .Distinct()
            .Order(),
    ];

    // Products of the table without a purchase on any day, of which a tag is known; in the order of their ids.
    private static (int[] Products, int[][] Rows) Fresh(
        Dataset dataset, Dictionary<(int Tag, string Value), int> features)
    {
        var purchased = new bool[dataset.Products.Count];
        for (var i = 0L; i < dataset.Behaviors.Count; i++)
        {
            var behavior = dataset.Behaviors[i];
            purchased[behavior.Product] |= behavior.Type == BehaviorType.Purchase;
        }

        var products = Enumerable.Range(0, purchased.Length)
            .Where(product => !purchased[product])
            .OrderBy(product => dataset.Products.Ids[product], Utf8Order.Instance)
            .Select(product => (Product: product, Row: Row(dataset.Products, product, features)))
            .Where(one => one.Row.Length > 0)
            .ToArray();
        return (Array.ConvertAll(products, one => one.Product), Array.ConvertAll(products, one => one.Row));
    }

    // Rows as those of the snapshot's products: factors, rate, 1.
    private static FactorContent Predicted(FeatureRidge ridge, int[][] rows, SnapshotContent content, int columns)
    {
        var predicted = new FactorContent(rows.Length, content.ProductFactors.Columns);
        for (var row = 0; row < rows.Length; row++)
        {
            ridge.Predict(rows[row], predicted.Row(row)[..columns]);
            predicted.Row(row)[columns] = 1;
        }

        return predicted;
    }

    private static int[] Best(FactorContent rows, int rate)
    {
        int[] best =
        [
            .. Enumerable.Range(0, rows.Rows).OrderByDescending(row => rows.Row(row)[rate]).Take(MostProducts),
        ];
        var taken = new FactorContent(best.Length, rows.Columns);
        for (var row = 0; row < best.Length; row++)
        {
            rows.Row(best[row]).CopyTo(taken.Row(row));
        }

        return Array.ConvertAll(taken.DescendingNormOrder(best), row => best[row]);
    }

    private static SnapshotContent Content(
        SnapshotContent content, Dataset dataset, FactorContent predicted, int[] products, int[] rows)
    {
        var factors = new FactorContent(rows.Length, predicted.Columns);
        for (var product = 0; product < rows.Length; product++)
        {
            predicted.Row(rows[product]).CopyTo(factors.Row(product));
        }

        var offsets = new long[rows.Length + 1];
        return content with
        {
            Manifest = content.Manifest with
            {
                UserCount = 0,
                ProductCount = rows.Length,
                Calibration = CalibrationTerms.None,
                Settings = [],
            },
            Report = new TrainingReport
            {
                Counts = [],
                Rejected = [],
                Warnings = [],
                Losses = [],
                Metrics = [],
                Holdout = null,
            },
            UserIds = [],
            ProductIds = Array.ConvertAll(products, product => dataset.Products.Ids[product]),
            ProductNames = Array.ConvertAll(products, product => dataset.Products.Names[product]),
            UserFactors = new FactorContent(0, predicted.Columns),
            ProductFactors = factors,
            ProductBuyers = new int[rows.Length],
            ProductRepeat = new float[rows.Length],
            ProductQuantiles = new float[rows.Length * ScoreQuantiles.Count],
            History = new HistoryContent([0], [], [], [], []),
            Similarity = new SparseContent(offsets, [], []),
            Related = new RelatedContent(offsets, [], [], []),
            OutOfScope = null,
            NextOrder = null,
            ProductTiming = [],
            Tags = TagTable.Of(dataset.Products.Tags, products),
        };
    }
}
