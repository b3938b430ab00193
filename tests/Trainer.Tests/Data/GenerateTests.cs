using Engine.Datasets.Behaviors;
using System.Security.Cryptography;
using Engine.Snapshots.Manifest;
using Tests.Shared;
using Trainer.Data.Generate;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;

namespace Trainer.Tests.Data;

public class GenerateTests
{
    [Theory]
    [InlineData("csv")]
    [InlineData("parquet")]
    public void The_same_seed_gives_the_same_bytes_and_another_does_not(string format)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(Hash(folder, "a", 1, format), Hash(folder, "b", 1, format));
        Assert.NotEqual(Hash(folder, "a", 1, format), Hash(folder, "c", 2, format));
    }

    [Fact]
    public void Both_formats_say_the_same()
    {
        using var folder = new TemporaryFolder();
        var csv = TableText.Kept(Read(Generate(folder, "csv", 3, "csv")));
        Assert.Equal(csv, TableText.Kept(Read(Generate(folder, "parquet", 3, "parquet"))));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("parquet")]
    public void Every_bad_row_is_found_and_nothing_else(string format)
    {
        using var folder = new TemporaryFolder();
        var clean = Read(Generate(folder, "clean", 1, format)).Report;
        Assert.Empty(clean.Behaviors.Rejections);
        Assert.Empty(clean.Products.Rejections);
        Assert.Equal(0, clean.Refunds.Unmatched);

        var path = folder.File("dirty");
        var brand = new BrandGenerator(BrandSize.Named("tiny"), 1, BrandKind.Mixed).Write(
            path, format, dirty: true, NoProgress.Instance, default);
        var report =
            DatasetReader.Read(
                DatasetFile.Read(Path.Combine(path, "dataset.json")),
                NoProgress.Instance,
                CancellationToken.None,
                allowedRejected: 1).Report;
        Assert.Equal(brand.Bad!.Behaviors.Keys.Order(), report.Behaviors.Rejections.Select(r => r.Reason));
        Assert.Equal(brand.Bad.Products.Keys.Order(), report.Products.Rejections.Select(r => r.Reason));
        Assert.All(
            report.Behaviors.Rejections.Concat(report.Products.Rejections),
            r => Assert.Equal((DirtyRows.Each, 10), (r.Count, r.First.Count)));
        Assert.Equal(RejectReason.CountCut, report.Behaviors.Notes.Single().Reason);
        Assert.Equal([RejectReason.MissingName, RejectReason.BadTagValue], report.Products.Notes.Select(n => n.Reason));
        Assert.Equal(DirtyRows.Each, report.Refunds.Unmatched);
        Assert.Equal(brand.Behaviors + (2 * DirtyRows.Each), report.Behaviors.Accepted);
        Assert.Equal(brand.Products + (2 * DirtyRows.Each), report.Products.Accepted);
    }

    [Fact]
    public void A_brand_is_believable()
    {
        using var folder = new TemporaryFolder();
        var dataset = Read(Generate(folder, "small", 7, "csv", "small"));
        Assert.All(dataset.Report.Kinds, pair => Assert.True(pair.Value > 100, $"{pair.Key}: {pair.Value}"));
        Assert.True(dataset.Report.Refunds.CancelledPurchases > 0 && dataset.Report.Refunds.ReducedPurchases > 0);
        Assert.DoesNotContain(dataset.Report.Warnings, w => w.StartsWith("Less than", StringComparison.Ordinal));
        Assert.InRange(dataset.Report.Behaviors.Accepted, 200_000, 300_000);
        Assert.Equal(500, dataset.Products.Count);
        Assert.Equal(500, dataset.Products.Names.Distinct().Count());
        Assert.Equal(
            [
                typeof(TextTag), typeof(TextTag), typeof(MultiTag), typeof(MultiTag), typeof(NumberTag),
                typeof(DateTag), typeof(NumberTag),
            ],
            dataset.Products.Tags.Select(tag => tag.GetType()));

        // Heavy tails: the busiest tenth of products has more than a quarter of all purchases.
        var scoped = Scope.Of(dataset, 30);
        var sales = new long[scoped.ProductCount];
        for (var i = 0; i < scoped.EventCount; i++)
        {
            sales[scoped.Products[i]] += scoped.Types[i] == BehaviorType.Purchase ? 1 : 0;
        }

        Assert.True(sales.OrderDescending().Take(sales.Length / 10).Sum() * 4 > sales.Sum());
    }

    [Fact]
    public void The_order_of_rows_does_not_matter()
    {
        using var folder = new TemporaryFolder();
        var definition = Generate(folder, "x", 5, "csv");
        var before = Scope.Of(Read(definition), 30);
        foreach (var file in definition.Behavior.Files.Concat(definition.Product.Files))
        {
            var lines = File.ReadAllLines(file);
            new Random(11).Shuffle(lines.AsSpan(1));
            File.WriteAllLines(file, lines);
        }

        var after = Scope.Of(Read(definition), 30);
        Assert.Equal(before.UserIds, after.UserIds);
        Assert.Equal(before.ProductIds, after.ProductIds);
        Assert.Equal(before.Offsets, after.Offsets);
        Assert.Equal(before.Products, after.Products);
        Assert.Equal(before.Types, after.Types);
        Assert.Equal(before.Days, after.Days);
        Assert.Equal(before.Counts, after.Counts);
        Assert.Equal(before.Report, after.Report);
    }

    [Fact]
    public void An_unfinished_table_does_not_appear()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new BrandGenerator(BrandSize.Named("tiny"), 1, BrandKind.Mixed).Write(
                folder.File("x"), "csv", false, NoProgress.Instance, cancelled.Token));
        Assert.Empty(Directory.GetFiles(folder.File("x")));
    }

    [Fact]
    public void A_behavior_takes_twelve_bytes()
    {
        const int Rows = 3 << 20;
        var log = new BehaviorLog();
        var bytes = Allocations.Least(() =>
        {
            log = new BehaviorLog();
            for (var i = 0; i < Rows; i++)
            {
                log.Add(i, i / 2, i & 0xFFFF, (BehaviorType)(1 + (i & 3)), 1 + (i % BehaviorLog.MaxCount));
            }
        });
        Assert.True(log.Bytes <= 12L * Rows, $"{log.Bytes} bytes of columns");
        Assert.True(bytes <= 12.01 * Rows, $"{(double)bytes / Rows:F2} bytes allocated each");
        for (var i = 0; i < Rows; i += 997)
        {
            var expected =
                new Behavior(i, i / 2, i & 0xFFFF, (BehaviorType)(1 + (i & 3)), 1 + (i % BehaviorLog.MaxCount));
            Assert.Equal(expected, log[i]);
        }
    }

    private static Dataset Read(DatasetDefinition definition) =>
        DatasetReader.Read(definition, NoProgress.Instance, CancellationToken.None);

    private static DatasetDefinition Generate(
        TemporaryFolder folder, string name, ulong seed, string format, string size = "tiny")
    {
        new BrandGenerator(BrandSize.Named(size), seed, BrandKind.Mixed).Write(
            folder.File(name), format, dirty: false, NoProgress.Instance, CancellationToken.None);
        return DatasetFile.Read(Path.Combine(folder.File(name), "dataset.json"));
    }

    private static string Hash(TemporaryFolder folder, string name, ulong seed, string format)
    {
        var definition = Generate(folder, name, seed, format);
        var files = definition.Behavior.Files.Concat(definition.Product.Files);
        return string.Concat(files.Select(file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
    }
}
