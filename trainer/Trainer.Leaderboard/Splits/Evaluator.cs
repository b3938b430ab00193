using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Evaluation.Tuning;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;

namespace Trainer.Leaderboard.Splits;

/// <summary>Trains one model on a public split and measures it on the held-out part.</summary>
public static class Evaluator
{
    /// <summary>Runs <paramref name="options"/>, writing progress to <paramref name="output"/>.</summary>
    /// <returns>
    /// The users with test items, the means of their metrics, and the settings. The test file is read after all
    /// settings are chosen.
    /// </returns>
    public static (int Users, ListMetrics Metrics, ModelSettings? Settings) Run(
        EvaluateOptions options, TextWriter output, RunContext run)
    {
        options.Validate();
        run.Validate();
        var budget = new Budget(options.Budget ?? TimeSpan.MaxValue, run.Time, output);
        var settings = Choose(options, budget, run);
        var split = BenchmarkSplit.Read(options.Train, options.Test, run);
        budget.Say(
            $"{split.UserIds.Length} users, {split.ItemIds.Length} items, "
            + $"{split.Train.Count} train, {split.Test.Count} test");
        Func<IItemScorer> scorer = () => new PopularityScorer(split.Train);
        if (settings is not null)
        {
            budget.Say($"settings {settings.ToJson()}");
            var model = BlendModel.Fit(
                split.Train,
                settings,
                run,
                epoch => budget.Say(
                    $"epoch {epoch.Number} loss {epoch.Loss:F3} (observed {epoch.Observed:F3}) "
                    + $"in {epoch.Time.TotalSeconds:F2} s"));
            scorer = model.Scorer;
        }

        budget.Say($"fitted {options.Model}");
        var users = Enumerable.Range(0, split.UserIds.Length).Where(user => split.Test.RowLength(user) > 0).ToArray();
        var ranking = Ranking.Compute(scorer, split.Train, users, options.K, run);
        if (options.Recommendations is { } path)
        {
            RecommendationFile.Write(path, ranking, split);
        }

        var metrics = ListMetrics.Of(ranking, split.Test, options.K);
        budget.Say($"ranked {metrics.Length} users");
        return (metrics.Length, ListMetrics.Mean(metrics), settings);
    }

    // Null for popularity, which has no settings.
    private static ModelSettings? Choose(EvaluateOptions options, Budget budget, RunContext run)
    {
        if (options.Model == "popularity")
        {
            return null;
        }

        if (options.Settings is { } given)
        {
            return given;
        }

        var train = BenchmarkSplit.ReadTrain(options.Train, run);
        if (options.Budget is not null)
        {
            return Tuner.Run(train, options.Model, options.K, budget, options.Seed, run);
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
}
