using System.CommandLine;
using Engine;
using Trainer.Data.Running;
using Trainer.Evaluation.Tuning;
using Trainer.Pipeline.Settings;

namespace Trainer.Commands;

/// <summary>The verb <c>train</c>: from a dataset to a published snapshot.</summary>
public static class TrainCommand
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var defaults = new TrainOptions { Dataset = "", Out = "" };
        var dataset = new Option<string>("--dataset")
        {
            Description = "dataset.json, as `init` writes it, or the folder of an extract",
            Required = true,
        };
        var output = new Option<string>("--out") { Description = "The folder of snapshots", Required = true };
        var workspace = Value("--workspace", "The workspace: one per tenant", defaults.Workspace);
        var horizon = Value("--horizon", "Days that a prediction covers, 15..90", defaults.Horizon);
        var factors = Value("--factors", "ALS dimensions, 1..2048", defaults.Als.Factors);
        var epochs = Value("--epochs", "ALS epochs, 1..1000", defaults.Als.Epochs);
        var unobserved =
            Value("--unobserved", "ALS weight of unobserved pairs, above 0", defaults.Als.UnobservedWeight);
        var regularization = Value("--regularization", "ALS regularization, above 0", defaults.Als.Regularization);
        var tagWeight = Value(
            "--tag-weight",
            "Weight of each tag and name word of a product in ALS; a purchase of today weighs 1, 0 turns tags off",
            defaults.TagWeight);
        var halfLife = Value(
            "--half-life", "Half-life of behavior in ALS, in days; 0 for no decay", defaults.Weights.HalfLifeDays);
        var seed = Value("--seed", "Seed of the initial factors", defaults.Als.Seed);
        var threads = RunOptions.Threads();
        var allowRejected = Value(
            "--allow-rejected",
            "The share of rows, of a table or of one behavior type, that may be rejected. With more the training fails",
            defaults.AllowRejected);
        var budget = new Option<string?>("--budget")
        {
            Description = "Choose factors, epochs, weights and half-lives within this time, for example 15m. "
                + "An interrupted search resumes with the same command",
        };
        var itemFactors = new Option<string?>("--item-factors")
        {
            Description = "Item factors that another program fitted, a CSV or Parquet file with product_id and factors "
                + "(numbers with spaces between them). Users are solved on them",
        };
        var rerank = new Option<bool>("--rerank")
        {
            Description = "Also learn a re-ranker for batches (`engine batch --rerank`). "
                + "It is kept only if it improves nDCG on the held-out window",
        };
        var command = new Command(
            "train", "Train on a dataset, evaluate the model on the last days and publish a snapshot.")
        {
            dataset, output, workspace, horizon, factors, epochs, unobserved, regularization, tagWeight, halfLife, seed,
            threads, allowRejected, budget, itemFactors, rerank,
        };
        command.SetWork((parsed, cancel) =>
        {
            var options = new TrainOptions
            {
                Dataset = parsed.GetRequiredValue(dataset),
                Out = parsed.GetRequiredValue(output),
                Workspace = parsed.GetValue(workspace)!,
                Horizon = parsed.GetValue(horizon),
                TagWeight = parsed.GetValue(tagWeight),
                AllowRejected = parsed.GetValue(allowRejected),
                Rerank = parsed.GetValue(rerank),
                ItemFactors = parsed.GetValue(itemFactors) is { } file ? Path.GetFullPath(file) : null,
                Weights = defaults.Weights with { HalfLifeDays = parsed.GetValue(halfLife) },
                Als = defaults.Als with
                {
                    Factors = parsed.GetValue(factors),
                    Epochs = parsed.GetValue(epochs),
                    UnobservedWeight = parsed.GetValue(unobserved),
                    Regularization = parsed.GetValue(regularization),
                    Seed = parsed.GetValue(seed),
                },
            };
            if (options.ItemFactors is not null && parsed.GetValue(budget) is not null)
            {
                throw new InputException(
                    "found --item-factors and --budget; expected one of them: "
                    + "there are no factors to choose settings for");
            }

            TrainSession.Run(
                options,
                parsed,
                new RunContext { Threads = parsed.GetValue(threads), Cancel = cancel },
                Duration.Parse(parsed.GetValue(budget), "--budget"));
            return 0;
        });
        return command;
    }

    private static Option<T> Value<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
