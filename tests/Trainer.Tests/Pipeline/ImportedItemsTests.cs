using System.Globalization;
using Engine;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Snapshots;
using Engine.Tables;
using Engine.Tables.Rows;
using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Models.Factors;
using Trainer.Pipeline;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>Item factors from elsewhere: users are solved on them, and the score learns what they are worth.</summary>
public sealed class ImportedItemsTests
{
    private const int Factors = 8;

    [Theory]
    [InlineData("items.csv")]
    [InlineData("items.parquet")]
    public void Users_are_folded_in_on_the_items_of_the_file(string name)
    {
        using var folder = new TemporaryFolder();
        var dataset = TinyBrand.Write(folder);
        var (first, directory) = Train(dataset, folder.File("first"), null);
        using var own = directory.Open(first);
        var file = folder.File(name);
        Write(file, own, times: 3);
        var (id, imported) = Train(dataset, folder.File("second"), file);
        using var snapshot = imported.Open(id);

        // The items differ from those of the file by a rotation alone: their products are the same.
        for (var a = 0; a < own.Manifest.ProductCount; a++)
        {
            for (var b = 0; b < own.Manifest.ProductCount; b++)
            {
                Assert.Equal(9 * Dot(own, a, b, own), Dot(snapshot, a, b, own), 1e-3);
            }
        }

        using var model = new ScoringModel(snapshot);
        var foldIn = new FoldIn(snapshot);
        for (var user = 0; user < snapshot.Manifest.UserCount; user++)
        {
            var row = snapshot.UserFactors[user][..snapshot.UserFactors.Columns];
            Assert.Equal(
                row, foldIn.Solve(snapshot.Derived.Profile.Row(user), row[Factors + 1])[..row.Length]);
        }

        Assert.Contains(snapshot.Report.Warnings, warning => warning.Contains(file, StringComparison.Ordinal));
        Assert.Empty(snapshot.Report.Losses);
    }

    [Theory]
    [InlineData("P1,1 2 3", "found 3 factors; expected 8")]
    [InlineData("P1,1 2 3 4 5 6 7 x", "found the factor 'x'")]
    [InlineData("P1,1 2 3 4 5 6 7 NaN", "found the factor 'NaN'")]
    [InlineData("P1,1 2 3 4 5 6 7 2e9", "found the factor '2e9'; expected numbers from -1e9 to 1e9")]
    [InlineData("17,1 2 3 4 5 6 7 8", "has none of the 16 products")]
    [InlineData("P1,1 2 3 4 5 6 7 8\nP1,1 2 3 4 5 6 7 8", "found product 'P1' again")]
    public void A_wrong_file_is_refused_by_what_is_wrong(string rows, string found)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("items.csv", $"product_id,factors\n{rows}\n");
        var refused = Assert.Throws<InputException>(
            () => Train(TinyBrand.Write(folder), folder.File("out"), file));
        Assert.Contains(found, refused.Message, StringComparison.Ordinal);
    }

    private static void Write(string file, Snapshot snapshot, float times)
    {
        using var table = TableFile.Create(file, [new("product_id", ColumnType.Text), new("factors", ColumnType.Text)]);
        for (var product = 0; product < snapshot.Manifest.ProductCount; product++)
        {
            var factors = snapshot.ProductFactors[product][..Factors].ToArray();
            table.Write(snapshot.ProductIds.Get(product));
            table.Write(
                string.Join(' ', factors.Select(factor => (times * factor).ToString(CultureInfo.InvariantCulture))));
            table.EndRow();
        }

        table.Complete();
    }

    private static double Dot(Snapshot snapshot, int a, int b, Snapshot numbering)
    {
        var one = Row(a);
        var other = Row(b);
        var sum = 0.0;
        for (var k = 0; k < Factors; k++)
        {
            sum += (double)one[k] * other[k];
        }

        return sum;

        ReadOnlySpan<float> Row(int product) =>
            snapshot.ProductFactors[snapshot.ProductIds.Find(numbering.ProductIds.Get(product))];
    }

    private static (string Id, SnapshotDirectory Directory) Train(string dataset, string output, string? items)
    {
        var options = new TrainOptions
        {
            Dataset = dataset,
            Out = output,
            Als = new AlsOptions { Factors = Factors, Epochs = 3 },
            ItemFactors = items,
        };
        var (id, _) = TrainingPipeline.Run(options, new RunContext { Threads = 2 });
        return (id, new SnapshotDirectory(output));
    }
}
