using System.CommandLine;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Models.Similarity;

namespace Bench;

/// <summary>
/// A snapshot of interactions without a training run: factors from `bench factors`, histories and
/// item similarity from the interactions, rates from the counts. For `open` and for the runners' --snapshot.
/// </summary>
internal static class SnapshotCommand
{
    private const int ScopeDays = 365;

    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Folder of interactions, with items.f32 and users.f32 in it",
            Required = true,
        };
        var output = new Option<FileInfo>("--out") { Description = "The snapshot file", Required = true };
        var factors = new Option<int>("--factors") { Description = "Floats of a row", DefaultValueFactory = _ => 64 };
        var neighbors = new Option<int>("--neighbors")
        {
            Description = "Similar products of each",
            DefaultValueFactory = _ => 100,
        };
        var command = new Command("snapshot", "Write a snapshot from interactions and factor files")
        {
            data,
            output,
            factors,
            neighbors,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data).FullName,
            parsed.GetRequiredValue(output).FullName,
            parsed.GetValue(factors),
            parsed.GetValue(neighbors)));
        return command;
    }

    private static void Run(string folder, string output, int factors, int neighbors)
    {
        var interactions = InteractionFiles.Read(folder, binary: true);
        var items = Factors(Path.Combine(folder, "items.f32"), factors);
        var users = Factors(Path.Combine(folder, "users.f32"), factors);
        var buyers = interactions.ColumnCounts();

        for (var item = 0; item < items.Rows; item++)
        {
            (items.Row(item)[factors], items.Row(item)[factors + 1]) = (0.05f * MathF.Log(1 + buyers[item]), 1);
        }

        for (var user = 0; user < users.Rows; user++)
        {
            (users.Row(user)[factors], users.Row(user)[factors + 1]) =
                (1, 0.05f * MathF.Log(1 + interactions.RowLength(user)));
        }

        var order = items.DescendingNormOrder([.. Enumerable.Range(0, items.Rows)]);
        var products = new FactorContent(items.Rows, items.Columns);
        var spectrum = new double[factors];
        for (var product = 0; product < order.Length; product++)
        {
            items.Row(order[product]).CopyTo(products.Row(product));
            for (var k = 0; k < factors; k++)
            {
                spectrum[k] += Math.Pow(products.Row(product)[k], 2);
            }
        }

        var ordinals = new int[order.Length];
        for (var product = 0; product < order.Length; product++)
        {
            ordinals[order[product]] = product;
        }

        var history = Renumber(interactions.Offsets, interactions.Columns, null, ordinals, null);
        var similar = ItemSimilarity.Compute(
            interactions, new SimilarityOptions { Neighbors = neighbors, UserExponent = 0 }, new());
        var similarity = Renumber(similar.Offsets, similar.Columns, similar.Strengths, ordinals, order);
        SnapshotWriter.Write(
            output, UserOrder.ByNorm(Content(users, products, spectrum, buyers, order, history, similarity, factors)));
        Console.WriteLine(
            $"{users.Rows} users, {products.Rows} products, {history.Indices.Length} interactions, "
            + $"{similarity.Indices.Length} similar pairs, {new FileInfo(output).Length / 1e6:0} MB");
    }

    private static SnapshotContent Content(
        FactorContent users, FactorContent products, double[] spectrum, int[] buyers, int[] order,
        SparseContent history, SparseContent similarity, int factors)
    {
        var count = history.Indices.Length;
        return new()
        {
            Manifest = new SnapshotManifest
            {
                Scope = new ScopeFacts
                {
                    LastBehaviorTime = "2025-06-30T12:00:00",
                    ScopeStart = "2024-06-30",
                    HorizonDays = 30,
                },
                IdentityType = "member",
                UserCount = users.Rows,
                ProductCount = products.Rows,
                FactorCount = factors,
                RateDimensions = SnapshotManifest.StandardRateDimensions,
                Weights = new BehaviorWeights
                {
                    View = 0.1f,
                    Favorite = 0.4f,
                    Cart = 0.6f,
                    Purchase = 1,
                    HalfLifeDays = 90,
                },
                Preference = PreferenceTerms.None,
                Calibration = CalibrationTerms.None,
                FoldIn = new FoldInSettings
                {
                    UnobservedWeight = 0.01,
                    Regularization = 0.003,
                    RegularizationExponent = 1,
                    FactorWeight = 1,
                },
                Tags =
                [
                    new() { Column = "category", Alias = "category", Type = TagValueType.Text, Statistical = false },
                    new() { Column = "brand", Alias = "brand", Type = TagValueType.Text, Statistical = false },
                ],
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
            UserIds = [.. Enumerable.Range(0, users.Rows).Select(user => $"u{user:0000000}")],
            ProductIds = [.. order.Select(item => $"p{item:000000}")],
            ProductNames = [.. order.Select(item => $"Product {item}")],
            UserFactors = users,
            ProductFactors = products,
            Spectrum = spectrum,
            ProductBuyers = Array.ConvertAll(order, item => buyers[item]),
            ProductRepeat = new float[order.Length],
            ProductQuantiles = new float[order.Length * ScoreQuantiles.Count],
            DerivesProfile = true,
            Profile = history,
            ProfileHistory = [],
            ProfileOwn = [],
            History = new HistoryContent(
                history.Offsets,
                history.Indices,
                [.. Enumerable.Range(0, count).Select(n => (ushort)(n * 7919L % ScopeDays))],
                [.. Enumerable.Repeat((byte)BehaviorType.Purchase, count)],
                [.. Enumerable.Repeat((ushort)1, count)]),
            Similarity = similarity,
            Related = new RelatedContent(new long[order.Length + 1], [], [], []),
            Tags = [Tag(order, 'C', 50), Tag(order, 'B', 1_000)],
        };
    }

    /// <summary>A text tag of so many values, by item.</summary>
    private static TagContent Tag(int[] order, char kind, int values) => new()
    {
        Codes = Array.ConvertAll(order, item => item % values),
        Words = [.. Enumerable.Range(0, values).Select(value => $"{kind}{value:0000}")],
    };

    /// <summary>
    /// Columns renumbered and sorted; rows in <paramref name="order"/>, when it is given. Without values, ones.
    /// </summary>
    private static SparseContent Renumber(
        ReadOnlySpan<long> offsets, ReadOnlySpan<int> columns, float[]? values, int[] ordinals, int[]? order)
    {
        var (starts, indices, numbers) = (new long[offsets.Length], new int[columns.Length], new float[columns.Length]);
        for (var row = 0; row + 1 < offsets.Length; row++)
        {
            var from = order is null ? row : order[row];
            var (first, count, at) = ((int)offsets[from], (int)(offsets[from + 1] - offsets[from]), (int)starts[row]);
            for (var e = 0; e < count; e++)
            {
                (indices[at + e], numbers[at + e]) =
                    (ordinals[columns[first + e]], values is null ? 1 : values[first + e]);
            }

            indices.AsSpan(at, count).Sort(numbers.AsSpan(at, count));
            starts[row + 1] = at + count;
        }

        return new SparseContent(starts, indices, numbers);
    }

    private static FactorContent Factors(string path, int factors)
    {
        var rows = BenchData.Read(path, factors, 1, byNorm: false);
        var content = new FactorContent(rows.Rows, factors + 2);
        for (var row = 0; row < rows.Rows; row++)
        {
            rows[row][..factors].CopyTo(content.Row(row));
        }

        return content;
    }
}
