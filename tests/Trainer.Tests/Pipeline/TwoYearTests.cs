using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>Data of more than a year: each cut has the year before it as its scope, and knows the season.</summary>
public class TwoYearTests
{
    private const int Days = 800;

    [Fact]
    public void Eligibility_is_that_of_the_year_before_each_cut()
    {
        using var folder = new TemporaryFolder();
        var dataset = Read(folder);
        var last = TinyBrand.LastDay;
        foreach (var days in (int[])[0, 30, 60, 90, 200])
        {
            var scoped = Scope.At(dataset, last.AddDays(-days), 30);
            Assert.Equal(last.AddDays(-days).AddYears(-1), scoped.Scope.Start);
            // Away's only purchase, of GONE, lies 430 days before the end: in the scopes of cuts that are less than a
            // year after it.
            var isIn = 430 - days <= 365;
            Assert.Equal(isIn, scoped.UserIds.Contains("Away"));
            Assert.Equal(isIn, scoped.ProductIds.Contains("GONE"));
            Assert.Equal(
                scoped.EventCount,
                Enumerable.Range(0, (int)scoped.EventCount).LongCount(e => scoped.Days[e] <= scoped.LastDay));
        }
    }

    [Fact]
    public void Windows_hold_whom_their_own_cut_knows()
    {
        using var folder = new TemporaryFolder();
        var dataset = Read(folder);
        var cut = TemporalSplits.TryAt(
            dataset, TinyBrand.LastDay.AddDays(-100), TemporalSplits.LearningWindow, new RunContext())!.Value;
        // Back purchased GONE 430 days before the end and comes back within this window: the cut before it knows both,
        // the end does not know GONE.
        Assert.Contains("Back", cut.Holdout.Users.Select(user => cut.Scoped.UserIds[user]));
        Assert.DoesNotContain("GONE", Scope.Of(dataset, 30).ProductIds);
    }

    [Fact]
    public void The_season_is_known_and_the_model_is_judged()
    {
        using var folder = new TemporaryFolder();
        var dataset = Read(folder);
        var signals = new ProductSignals(Scope.Of(dataset, 30), new float[Scope.Of(dataset, 30).ProductCount]);
        Assert.True(signals.HasSeason);
        var options = new TrainOptions
        {
            Dataset = folder.File("dataset.json"),
            Out = folder.File("out"),
            Als = new() { Factors = 4, Epochs = 3 },
            Similarity = new() { Neighbors = 5 },
        };
        var (_, report) = TrainingPipeline.Run(dataset, options, new RunContext());
        Assert.NotNull(report.Holdout);
        Assert.Contains(report.Candidates, candidate => candidate.Name == "full_season");
        Assert.Contains(report.Candidates, candidate => candidate.Name == "full_season_change");
        Assert.True(report.Counts.Single(row => row.Stage == "behaviors before the scope year").Count > 0);
    }

    [Fact]
    public void Sales_of_the_same_days_a_year_before_change_a_product_and_those_like_it()
    {
        using var folder = new TemporaryFolder();
        var plain = Changes(Read(folder), out var product);
        var (during, before) = (TinyBrand.LastDay.AddDays(10 - 365), TinyBrand.LastDay.AddDays(-10 - 365));
        Append(during, "P2");
        var more = Changes(Again(), out _);
        Append(before, "P2");
        Append(before, "P2");
        var less = Changes(Again(), out _);
        Assert.True(more[product] > plain[product] + 0.5);
        Assert.True(less[product] < more[product] - 0.5);

        // 31 days and more after or before the same day say nothing.
        Append(TinyBrand.LastDay.AddDays(31 - 365), "P2");
        Append(TinyBrand.LastDay.AddDays(-30 - 365), "P2");
        Assert.Equal(less, Changes(Again(), out _));

        void Append(DateOnly day, string id) => File.AppendAllLines(
            folder.File("behavior.csv"),
            Enumerable.Range(0, 40).Select(n => $"Back,{id},buy,{day:yyyy-MM-dd} 10:{n:00},1"));

        Dataset Again() => DatasetReader.Read(
            DatasetFile.Read(folder.File("dataset.json")), NoProgress.Instance, CancellationToken.None);
    }

    private static float[] Changes(Dataset dataset, out int product)
    {
        var scoped = Scope.Of(dataset, 30);
        product = Array.IndexOf(scoped.ProductIds, "P2");
        return YearBefore.Change(scoped);
    }

    private static Dataset Read(TemporaryFolder folder)
    {
        var path = TinyBrand.Write(folder, days: Days);
        var (gone, back) = (TinyBrand.LastDay.AddDays(-430), TinyBrand.LastDay.AddDays(-80));
        File.AppendAllText(
            folder.File("behavior.csv"),
            $"Away,GONE,buy,{gone:yyyy-MM-dd} 10:00,1\nBack,GONE,buy,{gone:yyyy-MM-dd} "
            + $"10:00,1\nBack,P2,pv,{back:yyyy-MM-dd} 10:00,1\nBack,P2,buy,{back:yyyy-MM-dd} 10:00,1\n");
        File.AppendAllText(folder.File("product.csv"), "GONE,Gone product,Tea,S,1,2019-01-01\n");
        return DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None);
    }
}
