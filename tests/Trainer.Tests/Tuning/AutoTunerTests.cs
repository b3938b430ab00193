using Engine.Scoring.Models;
using Engine.Snapshots;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Evaluation.Tuning;
using Trainer.Models.Ridge;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;
using Trainer.Pipeline.Tuning;
using Trainer.Tests.Pipeline;

namespace Trainer.Tests.Tuning;

public class AutoTunerTests
{
    [Fact]
    public void A_tuning_that_was_stopped_goes_on_to_the_same_choice()
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder);
        var (whole, journal) = (
            Tune(dataset, options, folder, "a", 600),
            File.ReadAllLines(Path.Combine(folder.File("a"), "default", "TUNING.journal")));
        Assert.Equal(1 + 5 + 2 + 2, journal.Length);

        // Stopped within its fourth trial, whose line has no end.
        Directory.CreateDirectory(Path.Combine(folder.File("b"), "default"));
        File.WriteAllText(
            Path.Combine(folder.File("b"), "default", "TUNING.journal"),
            string.Join('\n', journal[..4]) + "\n0.5\tfact");
        var output = new StringWriter();
        Assert.Equal(whole, Tune(dataset, options, folder, "b", 600, output) with { Out = whole.Out });
        Assert.Contains("3 trials are done already", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Points_of_the_ridge_grid_are_worth_what_a_training_of_their_own_says()
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder);
        var journal = new TuningJournal(new SnapshotDirectory(folder.File("a")), AutoTuner.Question(dataset, options));
        new AutoTuner(
            dataset,
            options,
            new Budget(TimeSpan.FromSeconds(600), TimeProvider.System, TextWriter.Null),
            journal,
            new RunContext())
        {
            Rounds = [(4, 2, 1)],
            Ridges = [(3, 0.1), (10, 7)],
        }.Run();
        var chosen = options with { Als = options.Als with { Factors = 4, Epochs = 2 } };
        foreach (var ridge in (RidgeOptions[])[
            options.Ridge with { Neighbors = 3, Regularization = 0.1 },
            options.Ridge with { Neighbors = 10, Regularization = 7 },
        ])
        {
            var trial = chosen with { Ridge = ridge };
            var candidates =
                new ScoreLearner(dataset, trial, new RunContext()).Learn(
                    dataset.LastBehaviorDay.AddDays(-Scope.MaxHorizon)).Candidates;
            Assert.True(
                journal.TryGet($"factors 4 {TuningPoint.Of(trial)} neighbors {ridge.Neighbors}", out var value));
            Assert.Equal(candidates.Max(candidate => candidate.Ndcg), value);
        }
    }

    [Fact]
    public void Without_time_the_settings_stay_and_with_other_data_the_journal_starts_anew()
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder);
        var hurried = Tune(dataset, options, folder, "a", 1e-6);
        Assert.Equal(TuningPoint.Of(options), TuningPoint.Of(hurried));
        Assert.Equal(
            1, new TuningJournal(new SnapshotDirectory(folder.File("a")), AutoTuner.Question(dataset, options)).Count);
        Assert.Equal(
            0,
            new TuningJournal(
                new SnapshotDirectory(folder.File("a")),
                AutoTuner.Question(dataset, options with { Als = options.Als with { Seed = 31 } })).Count);
    }

    [Fact]
    public void The_window_that_the_report_judges_does_not_choose()
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder);
        var before = Tune(dataset, options, folder, "a", 600);
        // In the twin everybody purchases one product in the last 30 days.
        var behaviors = folder.File("behavior.csv");
        var judged = TinyBrand.LastDay.AddDays(-options.Horizon);
        File.WriteAllLines(behaviors, File.ReadAllLines(
            behaviors).Select(line => line.Split(',') is [var user, _, var type, var time, var count]
            && DateTime.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out var at)
                && DateOnly.FromDateTime(at) > judged
                ? $"{user},P1,{type},{time},{count}" : line));
        var twin = DatasetReader.Read(DatasetFile.Read(options.Dataset), NoProgress.Instance, CancellationToken.None);
        Assert.Equal(before, Tune(twin, options, folder, "b", 600) with { Out = before.Out });
    }

    [Fact]
    public void Models_of_all_horizons_choose_alike_so_that_probabilities_grow()
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder);
        var models = Array.ConvertAll((int[])[15, 30, 60, 90], horizon =>
        {
            var chosen = Tune(dataset, options with { Horizon = horizon }, folder, $"n{horizon}", 600);
            Assert.NotEqual(TuningPoint.Of(options), TuningPoint.Of(chosen));
            var (id, _) = TrainingPipeline.Run(dataset, chosen, new RunContext());
            return new ScoringModel(new SnapshotDirectory(chosen.Out).Open(id));
        });
        TrainingPipelineTests.AssertChancesGrow(models, step: 3);
        Array.ForEach(models, model => model.Dispose());
    }

    [Fact]
    public void Data_too_short_to_choose_on_leave_the_settings()
    {
        using var folder = new TemporaryFolder();
        var (_, options) = Read(folder, days: 100);
        var output = new StringWriter();
        var dataset =
            DatasetReader.Read(DatasetFile.Read(options.Dataset), NoProgress.Instance, CancellationToken.None);
        Assert.Equal(TuningPoint.Of(options), TuningPoint.Of(Tune(dataset, options, folder, "a", 600, output)));
        Assert.Contains("too little to choose settings on", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_part_of_the_search_ends_at_its_share_of_the_budget()
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder);
        var journal = new TuningJournal(new SnapshotDirectory(folder.File("a")), AutoTuner.Question(dataset, options));
        var clock = new TrialClock(journal);
        new AutoTuner(
            dataset,
            options,
            new Budget(TimeSpan.FromSeconds(100), clock, TextWriter.Null),
            journal,
            new RunContext { Time = clock })
        {
            Rounds = [(4, 2, 12)],
            Ridges = [(10, 7), (20, 7), (30, 7)],
        }.Run();

        // The tenth trial ends at 60 s, the eleventh would at 66; of the grid one ends before 70.
        Assert.Equal(10 + 1, journal.Count);
    }

    [Theory]
    [InlineData(400, 3)]
    [InlineData(185, 2)]
    [InlineData(155, 1)]
    [InlineData(60, 0)]
    public void The_plan_counts_the_fits_of_a_trial(int days, int windows)
    {
        using var folder = new TemporaryFolder();
        var (dataset, options) = Read(folder, days);
        var day = dataset.LastBehaviorDay.AddDays(-Scope.MaxHorizon);
        Assert.Equal(windows, TemporalSplits.Learning(dataset, day, new RunContext()).Count());
        var fits = 0;
        new ScoreLearner(dataset, options, new RunContext(), fit: scoped =>
        {
            fits++;
            return ScopeModel.Fit(scoped, options, supervised: true, "fit", new RunContext());
        }).Learn(day);
        Assert.Equal(windows, fits);
    }

    // Each trial takes 6 s.
    private sealed class TrialClock(TuningJournal journal) : TimeProvider
    {
        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 6 * journal.Count;
    }

    private static TrainOptions Tune(
        Dataset dataset, TrainOptions options, TemporaryFolder folder, string output, double seconds,
        TextWriter? says = null)
    {
        options = options with { Out = folder.File(output) };
        var journal = new TuningJournal(new SnapshotDirectory(options.Out), AutoTuner.Question(dataset, options));
        return new AutoTuner(
            dataset,
            options,
            new Budget(TimeSpan.FromSeconds(seconds), TimeProvider.System, says ?? TextWriter.Null),
            journal,
            new RunContext())
        {
            Rounds = [(4, 2, 5), (8, 3, 2)],
            Ridges = [(10, 7), (20, 7)],
        }.Run();
    }

    private static (Dataset Dataset, TrainOptions Options) Read(TemporaryFolder folder, int days = 400)
    {
        var options = new TrainOptions
        {
            Dataset = TinyBrand.Write(folder, days: days),
            Out = "",
            Similarity = new() { Neighbors = 5 },
        };
        return (
            DatasetReader.Read(DatasetFile.Read(options.Dataset), NoProgress.Instance, CancellationToken.None),
            options);
    }
}
