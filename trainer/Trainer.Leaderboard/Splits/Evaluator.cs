using System.Diagnostics;
using System.Globalization;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;

namespace Trainer.Leaderboard.Splits;

/// <summary>Trains one model on a public split and measures it on the held-out part.</summary>
public static class Evaluator
{
    /// <summary>Runs <paramref name="options"/>, writing progress to <paramref name="output"/>.</summary>
    /// <returns>The metrics on the test file, which is read after all settings are chosen, and the settings.</returns>
    public static (RankingMetrics Metrics, ModelSettings? Settings) Run(
        EvaluateOptions options, TextWriter output, CancellationToken cancellation = default)
    {
        options.Validate();
        var start = Stopwatch.GetTimestamp();
        var settings = Choose(options, output, cancellation);
        var split = BenchmarkSplit.Read(options.Train, options.Test);
        Say(output, start, $"{split.UserIds.Length} users, {split.ItemIds.Length} items, {split.Train.Count} train, {split.Test.Count} test");
        Func<IItemScorer> scorer = () => new PopularityScorer(split.Train);
        if (settings is not null)
        {
            Say(output, start, $"settings {settings.ToJson()}");
            var model = FittedModel.Fit(
                split.Train,
                settings,
                epoch => Say(
                    output,
                    start,
                    $"epoch {epoch.Number} loss {epoch.Loss:F3} (observed {epoch.Observed:F3}) in {epoch.Time.TotalSeconds:F2} s"),
                cancellation);
            scorer = model.Scorer;
        }

        Say(output, start, $"fitted {options.Model}");
        var users = Enumerable.Range(0, split.UserIds.Length).Where(user => split.Test.RowLength(user) > 0).ToArray();
        var ranking = Ranking.Compute(scorer, split.Train, users, options.K, options.Threads, cancellation);
        if (options.Recommendations is { } path)
        {
            RecommendationFile.Write(path, ranking, split);
        }

        var metrics = RankingMetrics.Compute(ranking, split.Test, options.K);
        Say(output, start, $"ranked {metrics.Users} users");
        return (metrics, settings);
    }

    // Null for popularity, which has no settings.
    private static ModelSettings? Choose(EvaluateOptions options, TextWriter output, CancellationToken cancellation)
    {
        if (options.Model == "popularity")
        {
            return null;
        }

        if (options.Settings is { } given)
        {
            return given.WithThreads(options.Threads);
        }

        var train = BenchmarkSplit.ReadTrain(options.Train);
        if (options.Budget is { } budget)
        {
            return Tuner.Run(train, options.Model, options.K, budget, options.Seed, options.Threads, output, cancellation);
        }

        var als = options.SuggestUnobserved
            ? options.Als with { UnobservedWeight = AlsOptions.SuggestUnobservedWeight(train) }
            : options.Als;
        return new ModelSettings(
        [
            options.Model switch
            {
                "als" => new ModelPart { Als = als },
                "similarity" => new ModelPart { Similarity = options.Similarity },
                _ => new ModelPart { Ridge = options.Ridge },
            },
        ]);
    }

    private static void Say(TextWriter output, long start, FormattableString line) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(start).TotalSeconds,7:F2} s] ")
        + line.ToString(CultureInfo.InvariantCulture));
}
