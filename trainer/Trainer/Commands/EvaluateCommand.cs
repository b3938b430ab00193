using System.CommandLine;
using System.Globalization;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Tuning;
using Trainer.Leaderboard.Splits;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Trainer.Commands;

/// <summary>
/// The verb <c>evaluate</c>: a model on a public train/test split, full ranking, train items removed.
/// </summary>
public static class EvaluateCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var defaults = new EvaluateOptions { Train = "", Test = "" };
        var train = new Option<string>("--train")
        {
            Description = "Train file: 'user item item ...' per line, plain or .gz",
            Required = true,
        };
        var test = new Option<string>("--test") { Description = "Test file of the same form", Required = true };
        var k = Number("--k", "Length of the ranked lists, 1..1000", defaults.K);
        var model = new Option<string>("--model")
        {
            Description = string.Join(" | ", EvaluateOptions.Models),
            DefaultValueFactory = _ => defaults.Model,
        };
        var recommendations = new Option<string?>("--recommendations")
        {
            Description = "Write user,rank,item,score to this file",
        };
        var factors = Number("--factors", "ALS factors", defaults.Als.Factors);
        var epochs = Number("--epochs", "ALS epochs", defaults.Als.Epochs);
        var unobserved = new Option<double?>("--unobserved")
        {
            Description = "ALS weight of unobserved pairs; from the density when absent",
        };
        var regularization = Number("--regularization", "ALS regularization", defaults.Als.Regularization);
        var exponent =
            Number("--exponent", "ALS frequency exponent of the regularization, 0..1", defaults.Als.FrequencyExponent);
        var neighbors = Number("--neighbors", "Similarity neighbors per item", defaults.Similarity.Neighbors);
        var shrinkage = Number("--shrinkage", "Similarity shrinkage, in users", defaults.Similarity.Shrinkage);
        var weighting =
            Number("--weighting", "Similarity: Power (the exponents), TfIdf or Bm25", defaults.Similarity.Weighting);
        var userExponent = Number(
            "--user-exponent", "Similarity: damping of users with long histories", defaults.Similarity.UserExponent);
        var sourceExponent = Number(
            "--source-exponent", "Similarity: damping of popular history items", defaults.Similarity.SourceExponent);
        var targetExponent = Number(
            "--target-exponent", "Similarity: damping of popular candidates", defaults.Similarity.TargetExponent);
        var seed = Number("--seed", "Seed of the initial factors", defaults.Als.Seed);
        var ridge = Number(
            "--ridge", "Ridge regularization, a multiple of the Gram's mean diagonal", defaults.Ridge.Regularization);
        var dropout = Number(
            "--dropout", "Ridge: share of a history that is left out in training, 0..0.9", defaults.Ridge.Dropout);
        var budget = new Option<string?>("--budget")
        {
            Description = "Time for choosing settings on train alone: 90s, 10m, 1h",
        };
        var settings = new Option<string?>("--settings")
        {
            Description = "The JSON settings that a tuned run printed, to repeat it",
        };
        var threads = RunOptions.Threads();
        var command = new Command(
            "evaluate",
            "Train on a public split and print Recall@K, nDCG@K and hit rate on its test part. "
            + "Such files have no times, so the ridge is unsupervised; `train` uses the supervised one.")
        {
            train, test, k, model, recommendations, factors, epochs, unobserved, regularization, exponent, neighbors,
            shrinkage, weighting,
            userExponent, sourceExponent, targetExponent, seed, ridge, dropout, budget, settings, threads,
        };
        command.SetWork((parsed, cancel) =>
        {
            var options = new EvaluateOptions
            {
                Train = parsed.GetRequiredValue(train),
                Test = parsed.GetRequiredValue(test),
                K = parsed.GetValue(k),
                Model = parsed.GetValue(model)!,
                Recommendations = parsed.GetValue(recommendations),
                Seed = parsed.GetValue(seed),
                Budget = Duration.Parse(parsed.GetValue(budget), "--budget"),
                Settings = parsed.GetValue(settings) is { } json ? ModelSettings.FromJson(json) : null,
                Ridge = new RidgeOptions
                {
                    Regularization = parsed.GetValue(ridge),
                    Dropout = parsed.GetValue(dropout),
                },
                SuggestUnobserved = parsed.GetValue(unobserved) is null,
                Als = new AlsOptions
                {
                    Factors = parsed.GetValue(factors),
                    Epochs = parsed.GetValue(epochs),
                    UnobservedWeight = parsed.GetValue(unobserved) ?? defaults.Als.UnobservedWeight,
                    Regularization = parsed.GetValue(regularization),
                    FrequencyExponent = parsed.GetValue(exponent),
                    Seed = parsed.GetValue(seed),
                },
                Similarity = new SimilarityOptions
                {
                    Neighbors = parsed.GetValue(neighbors),
                    Weighting = parsed.GetValue(weighting),
                    UserExponent = parsed.GetValue(userExponent),
                    SourceExponent = parsed.GetValue(sourceExponent),
                    TargetExponent = parsed.GetValue(targetExponent),
                    Shrinkage = parsed.GetValue(shrinkage),
                },
            };
            var run = new RunContext { Threads = parsed.GetValue(threads), Cancel = cancel };
            var start = run.Time.GetTimestamp();
            var (users, metrics, chosen) =
                Evaluator.Run(options, parsed.GetValue(Output.Json) ? TextWriter.Null : Console.Out, run);
            if (!parsed.GetValue(Output.Json))
            {
                Print(users, options.K, metrics);
            }

            PrintJson(users, metrics, options, chosen, run.Time.GetElapsedTime(start).TotalSeconds);
            return 0;
        });
        return command;
    }

    private static Option<T> Number<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static void Print(int users, int k, ListMetrics metrics)
    {
        var culture = CultureInfo.InvariantCulture;
        Console.WriteLine(
            $"Recall@{k} is the share of a user's test items that the list of {k} holds, averaged over users: "
            + $"hits divided by all test items, or by the smaller of {k} and all test items.");
        Console.WriteLine(string.Create(culture, $"users with test items   {users}"));
        Console.WriteLine(string.Create(culture, $"Recall@{k} (hits / |truth|)         {metrics.Recall:F4}"));
        Console.WriteLine(string.Create(culture, $"Recall@{k} (hits / min(K, |truth|)) {metrics.RecallOfPossible:F4}"));
        Console.WriteLine(string.Create(culture, $"nDCG@{k}                            {metrics.Ndcg:F4}"));
        Console.WriteLine(string.Create(culture, $"hit rate@{k}                        {metrics.Hit:F4}"));
    }

    private static void PrintJson(
        int users, ListMetrics metrics, EvaluateOptions options, ModelSettings? settings, double seconds) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"model\":\"{options.Model}\",\"k\":{options.K},\"users\":{users},\"recall\":{metrics.Recall:F6},"
            + $"\"recall_of_possible\":{metrics.RecallOfPossible:F6},\"ndcg\":{metrics.Ndcg:F6},"
            + $"\"hit_rate\":{metrics.Hit:F6},\"seed\":{options.Seed},\"seconds\":{seconds:F1},"
            + $"\"settings\":{settings?.ToJson() ?? "null"}}}"));
}
