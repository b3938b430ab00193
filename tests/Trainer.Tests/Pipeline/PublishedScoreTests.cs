using Engine.Datasets.Mapping;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Tests.Shared;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Evaluation.Calibration;
using Trainer.Evaluation.Splits;
using Trainer.Models.Factors;
using Trainer.Pipeline;
using Trainer.Pipeline.Evaluation;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// The report judges a score that has not seen the last days. The published one learns from them, too, and its
/// probabilities are its own.
/// </summary>
public class PublishedScoreTests
{
    private static readonly DateOnly Judged = TinyBrand.LastDay.AddDays(-TemporalSplits.LearningWindow);

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    public void It_learns_up_to_the_last_day_and_is_calibrated_itself(int horizon)
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder) with { Horizon = horizon };
        var (id, _) = TrainingPipeline.Run(options, new RunContext());
        using var snapshot = new SnapshotDirectory(options.Out).Open(id);
        var dataset = Read(options);
        var learner = new ScoreLearner(dataset, options, new RunContext());
        var (evaluated, latest) = (learner.Learn(Judged).Score, learner.Learn(TinyBrand.LastDay).Score);
        Assert.False(evaluated.IsRule);
        Assert.False(latest.IsRule);
        Assert.NotEqual(Terms(evaluated.Terms(90)), Terms(latest.Terms(90)));
        Assert.Equal(Terms(latest.Terms(90)), Terms(snapshot.Manifest.Preference));

        var growth = HorizonGrowth.Estimate(dataset, new RunContext());
        var (scoped, holdout) = TemporalSplits.TryAt(dataset, Judged, 30, new RunContext())!.Value;
        var model = ScopeModel.Fit(scoped, options, latest.Supervised, "fit", new RunContext());
        var expected = HoldoutEvaluation.Calibrate(model, latest, holdout, options, growth, new RunContext());
        Assert.NotEmpty(expected.Scores);
        Assert.Equal(expected.Scores, snapshot.Manifest.Calibration.Scores);
    }

    private static double[] Terms(PreferenceTerms terms) =>
    [
        terms.Breadth,
        terms.UserRate.Constant,
        .. terms.UserRate.Decayed,
        .. terms.Own.SelectMany(own => (double[])[own.Present, own.Days, .. own.Decayed]),
    ];

    private static Dataset Read(TrainOptions options) => DatasetReader.Read(
        DatasetFile.Read(options.Dataset), NoProgress.Instance, CancellationToken.None);

    private static TrainOptions Options(TemporaryFolder folder) => new()
    {
        Dataset = TinyBrand.Write(folder),
        Out = folder.File("out"),
        Als = new AlsOptions { Factors = 8, Epochs = 5 },
    };
}
