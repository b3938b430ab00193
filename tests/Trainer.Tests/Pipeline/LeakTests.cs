using System.Globalization;
using Tests.Shared;
using Engine.Datasets.Mapping;
using Trainer.Data.Progress;
using Trainer.Data.Reading;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Models.Factors;
using Trainer.Models.Similarity;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>
/// A brand and its twin, equal up to a day and different after it, must teach the same up to that day. The same check
/// is shown to catch a leak that is planted: learning that reads one window too far.
/// </summary>
public class LeakTests
{
    private static readonly DateOnly Cut = TinyBrand.LastDay.AddDays(-60);

    [Fact]
    public void What_comes_after_the_cut_teaches_nothing() => Assert.Null(Difference(Cut));

    [Fact]
    public void A_planted_leak_is_caught() => Assert.NotNull(Difference(Cut.AddDays(TemporalSplits.LearningWindow)));

    /// <summary>
    /// The first learned part that differs between the twins when learning reads up to <paramref name="day"/>.
    /// </summary>
    private static string? Difference(DateOnly day)
    {
        using var folder = new TemporaryFolder();
        var first = Learn(TinyBrand.Write(folder), day);
        var behaviors = folder.File("behavior.csv");
        File.WriteAllLines(behaviors, File.ReadAllLines(behaviors).Select(ChangeAfterCut));
        var second = Learn(folder.File("dataset.json"), day);
        return !first.Score.Weights.SequenceEqual(second.Score.Weights) ? "pair weights"
            : !first.Score.UserWeights.SequenceEqual(second.Score.UserWeights) ? "user weights"
            : !first.Model.Als.Items.Values.AsSpan().SequenceEqual(second.Model.Als.Items.Values.AsSpan()) ? "factors"
            : !first.Model.Similarity.Strengths
                .AsSpan()
                .SequenceEqual(second.Model.Similarity.Strengths.AsSpan()) ? "similarity"
            : !first.Model.Profiles.History.AsSpan().SequenceEqual(second.Model.Profiles.History) ? "profiles"
            : null;
    }

    private static (LearnedScore Score, ScopeModel Model) Learn(string path, DateOnly day)
    {
        var options = new TrainOptions
        {
            Dataset = path,
            Out = "",
            Als = new AlsOptions { Factors = 4, Epochs = 3 },
            Similarity = new SimilarityOptions { Neighbors = 5 },
        };
        var dataset = DatasetReader.Read(DatasetFile.Read(path), NoProgress.Instance, CancellationToken.None);
        var learner = new ScoreLearner(dataset, options, new RunContext());
        var model = ScopeModel.Fit(Scope.At(dataset, day, 30), options, supervised: true, "fit", new RunContext());
        return (learner.Learn(day).Score, model);
    }

    // After the cut everybody purchases one product: unmissable for whoever looks.
    private static string ChangeAfterCut(string line)
    {
        var cells = line.Split(',');
        var isLater = cells.Length == 5 && DateTime.TryParse(cells[3], CultureInfo.InvariantCulture, out var time)
            && DateOnly.FromDateTime(time) > Cut;
        return isLater ? $"{cells[0]},P1,{cells[2]},{cells[3]},{cells[4]}" : line;
    }
}
