using System.CommandLine;
using Trainer.Lifecycle;
using Trainer.Tuning;

namespace Trainer.Training;

/// <summary>The verb <c>train</c>: from a dataset to a published snapshot.</summary>
public static class TrainCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var defaults = new TrainOptions { Dataset = "", Out = "" };
        var dataset = new Option<string>("--dataset") { Description = "dataset.json, as `init` writes it, or the folder of an extract", Required = true };
        var output = new Option<string>("--out") { Description = "The folder of snapshots", Required = true };
        var workspace = Value("--workspace", "The tenant", defaults.Workspace);
        var horizon = Value("--horizon", "Days that a prediction covers, 15..90", defaults.Horizon);
        var factors = Value("--factors", "ALS dimensions, 1..2048", defaults.Als.Factors);
        var epochs = Value("--epochs", "ALS epochs, 1..1000", defaults.Als.Epochs);
        var unobserved = Value("--unobserved", "ALS weight of unobserved pairs, above 0", defaults.Als.UnobservedWeight);
        var regularization = Value("--regularization", "ALS regularisation, above 0", defaults.Als.Regularization);
        var tagWeight = Value("--tag-weight", "Weight of each of a product's tags and words in the factors, 1 being a purchase of today; 0 for none", defaults.TagWeight);
        var halfLife = Value("--half-life", "Days after which a behaviour weighs half; 0 for no decay", defaults.Weights.HalfLifeDays);
        var seed = Value("--seed", "Seed of the first factors", defaults.Als.Seed);
        var threads = Value("--threads", "Threads; they do not change the result", defaults.Threads);
        var allowRejected = Value("--allow-rejected", "The share of rows, of a table or of one behavior type, that may be rejected; with more the training fails", defaults.AllowRejected);
        var budget = new Option<string?>("--budget") { Description = "Choose factors, epochs, weights and half-lives within this time, e.g. 15m; where it was stopped the same command goes on" };
        var rerank = new Option<bool>("--rerank") { Description = "Also learn a re-ranker for batches (`engine batch --rerank`); it is kept only if it wins on the held-out window" };
        var command = new Command("train", "Trains on a dataset, judges the model on the last days and publishes a snapshot.")
        {
            dataset, output, workspace, horizon, factors, epochs, unobserved, regularization, tagWeight, halfLife, seed, threads, allowRejected, budget, rerank,
        };
        command.SetAction(parsed =>
        {
            var count = parsed.GetValue(threads);
            var options = new TrainOptions
            {
                Dataset = parsed.GetRequiredValue(dataset),
                Out = parsed.GetRequiredValue(output),
                Workspace = parsed.GetValue(workspace)!,
                Horizon = parsed.GetValue(horizon),
                Threads = count,
                TagWeight = parsed.GetValue(tagWeight),
                AllowRejected = parsed.GetValue(allowRejected),
                Rerank = parsed.GetValue(rerank),
                Weights = defaults.Weights with { HalfLifeDays = parsed.GetValue(halfLife) },
                Similarity = defaults.Similarity with { Threads = count },
                Als = defaults.Als with
                {
                    Factors = parsed.GetValue(factors),
                    Epochs = parsed.GetValue(epochs),
                    UnobservedWeight = parsed.GetValue(unobserved),
                    Regularization = parsed.GetValue(regularization),
                    Seed = parsed.GetValue(seed),
                    Threads = count,
                },
            };
            TrainSession.Run(options, "train", Duration.Parse(parsed.GetValue(budget), "--budget"));
            return 0;
        });
        return command;
    }

    private static Option<T> Value<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
