using Engine.Datasets.Mapping;
using Engine.Snapshots;
using Tests.Shared;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Ridge;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// Scope decides who is predicted; related products are learned from older purchases and from users who have left, too.
/// </summary>
public class AllPurchasesTests
{
    [Fact]
    public void Older_purchases_and_users_out_of_scope_teach_and_are_counted()
    {
        using var folder = new TemporaryFolder();
        var path = TinyBrand.Write(folder, days: 800);
        var old = TinyBrand.LastDay.AddDays(-700);
        File.AppendAllLines(
            folder.File("behavior.csv"),
            Enumerable.Range(0, 40)
                .SelectMany(
                    user => (string[])[
                        $"Away{user},P0,buy,{old:yyyy-MM-dd} 10:00,1",
                        $"Away{user},P7,buy,{old:yyyy-MM-dd} 10:00,1",
                    ]));
        var dataset = DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None);
        var scoped = Scope.Of(dataset, 30);
        var inScope = Interactions.Purchases(scoped);
        var all = AllPurchases.Of(scoped);
        Assert.DoesNotContain("Away1", scoped.UserIds);
        Assert.Equal(scoped.UserCount + 40, all.RowCount);
        int[] both = [Array.IndexOf(scoped.ProductIds, "P0"), Array.IndexOf(scoped.ProductIds, "P7")];
        Assert.Equal(both.Order(), all.RowColumns(all.RowCount - 1).ToArray());
        for (var user = 0; user < scoped.UserCount; user++)
        {
            Assert.Empty(inScope.RowColumns(user).ToArray().Except(all.RowColumns(user).ToArray()));
        }

        // Of different tastes: only those who have left purchased both.
        var (learned, place) = Entry(RelatedItems.Compute(all, 100, new RunContext()));
        Assert.True(learned.Cosine.Strengths[place] > 0.1);
        Assert.Equal(40, learned.Supports[place]);
        Assert.Equal(all.RowCount, learned.Buyers[^1]);
        Assert.True(Entry(RelatedItems.Compute(inScope, 100, new RunContext())).Place < 0);

        var early = Scope.At(dataset, TinyBrand.LastDay.AddDays(-440), 30);
        Assert.Equal(Interactions.Purchases(early).Columns, AllPurchases.Of(early).Columns);

        (RelatedItems Items, int Place) Entry(RelatedItems items)
        {
            var range = items.Cosine.Row(both[0]);
            var found = items.Cosine.Columns.AsSpan(range).IndexOf(both[1]);
            return (items, found < 0 ? found : range.Start.Value + found);
        }
    }

    [Fact]
    public void Confidence_and_lift_are_those_of_all_days()
    {
        using var folder = new TemporaryFolder();
        var path = TinyBrand.Write(folder, days: 800);
        var old = TinyBrand.LastDay.AddDays(-700);
        File.AppendAllLines(
            folder.File("behavior.csv"),
            Enumerable.Range(0, 40)
                .SelectMany(
                    user => (string[])[
                        $"Away{user},P0,buy,{old:yyyy-MM-dd} 10:00,1",
                        $"Away{user},P7,buy,{old:yyyy-MM-dd} 10:00,1",
                    ]));
        var options = new TrainOptions
        {
            Dataset = path,
            Out = folder.File("out"),
            Als = new() { Factors = 4, Epochs = 2 },
        };
        var (id, _) = TrainingPipeline.Run(options, new RunContext());
        using var snapshot = new SnapshotDirectory(options.Out).Open(id);
        var bought = File.ReadLines(folder.File("behavior.csv")).Skip(1).Select(line => line.Split(','))
            .Where(cells => cells[2] == "buy")
            .GroupBy(cells => cells[1])
                .ToDictionary(group => group.Key, group => group.Select(cells => cells[0]).ToHashSet());
        var users = bought.Values.SelectMany(set => set).Distinct().Count();
        var (product, other) = (snapshot.ProductIds.Find("P0"), snapshot.ProductIds.Find("P7"));
        var support = 0;
        foreach (var pair in snapshot.Related.Row(product))
        {
            support = pair.Product == other ? pair.Support : support;
        }

        var figures = RelatedFigures.Of(snapshot, product, other, support);
        Assert.Equal(
            new RelatedFigures(
                bought["P0"].Intersect(bought["P7"]).Count(), bought["P0"].Count, bought["P7"].Count, users),
            figures);
    }
}
