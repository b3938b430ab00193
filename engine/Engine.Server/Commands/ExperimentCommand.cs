using System.Buffers;
using System.CommandLine;
using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Audit;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Experiments;
using Engine.Server.Json;
using Engine.Snapshots;
using Spectre.Console;

namespace Engine.Server.Commands;

/// <summary>
/// experiment: save, list and delete experiments beside the snapshots, and report on them; a running server sees
/// changes at once.
/// </summary>
internal static class ExperimentCommand
{
    /// <summary>The verb with its four actions.</summary>
    public static Command Create() => new("experiment", "Arms of placements and snapshots, and what each brought.")
    {
        Save(), List(), Delete(), Report(),
    };

    private static Command Save()
    {
        var file = new Option<string>("--file")
        {
            Description = "A JSON file with an experiment, as in the contract.",
            Required = true,
        };
        var check = new Option<bool>("--validate-only") { Description = "Check the experiment; save nothing." };
        return new QueryOptions().Complete(
            new Command("save", "Create or replace an experiment.") { file, check },
            (queried, parsed, _) =>
            {
                var request = new SaveExperimentRequest
                {
                    Experiment = (Experiment)JsonRequest.Read(
                        new ReadOnlySequence<byte>(File.ReadAllBytes(parsed.GetRequiredValue(file))),
                        Experiment.Descriptor),
                    ValidateOnly = parsed.GetValue(check),
                };
                return request.ValidateOnly
                    ? ExperimentAnswers.Save(queried.Catalog, request)
                    : queried.Audited(
                        "experiment save",
                        $"experiment {request.Experiment.Name}",
                        () => AuditedState.Experiment(queried.Catalog, request.Experiment.Name),
                        () => ExperimentAnswers.Save(queried.Catalog, request));
            },
            experiment => Print([experiment]));
    }

    private static Command List() => new QueryOptions().Complete(
        new Command("list", "List the saved experiments."),
        (queried, _, _) => new ListExperimentsReply
        {
            Experiments = { queried.Catalog.Experiments.List().Select(ExperimentAnswers.ToProto) },
        },
        reply => Print(reply.Experiments));

    private static Command Delete()
    {
        var name = Name();
        return new QueryOptions().Complete(
            new Command("delete", "Delete an experiment.") { name },
            (queried, parsed, _) =>
            {
                var experiment = parsed.GetRequiredValue(name);
                return queried.Audited(
                    "experiment delete",
                    $"experiment {experiment}",
                    () => AuditedState.Experiment(queried.Catalog, experiment),
                    () =>
                    {
                        queried.Catalog.Experiments.Delete(experiment);
                        return new DeleteExperimentReply();
                    });
            },
            _ => { });
    }

    private static Command Report()
    {
        var name = Name();
        var snapshots = new Option<string>("--snapshots")
        {
            Description = "The snapshot root, or a workspace folder.",
            Required = true,
        };
        var dataset = new Option<string>("--dataset")
        {
            Description = "dataset.json, or the folder of an extract, with the purchases since.",
            Required = true,
        };
        var days = new Option<int>("--days")
        {
            Description = "A purchase counts on the day (UTC) a product was shown first, and so many days after it.",
            DefaultValueFactory = _ => 14,
        };
        var top = new Option<int>("--top")
        {
            Description = "Products of each arm, those shown most.",
            DefaultValueFactory = _ => 10,
        };
        var also = new Option<string[]>("--also")
        {
            Description = "Workspace folders of the other engines that showed it, or copies: each has a log of its "
                + "own.",
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
        };
        var json = JsonOutput.Option();
        var command = new Command("report", "Rate of each arm with its interval, and exposure of its products.")
        {
            name, snapshots, also, dataset, days, top, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var catalog = CatalogOf(parsed.GetRequiredValue(snapshots));
            var result = ExperimentRun.Measure(
                catalog.Experiments.Get(parsed.GetRequiredValue(name)),
                parsed.GetRequiredValue(also).Select(LogOf).Prepend(catalog.Shown).SelectMany(log => log.Read()),
                parsed.GetRequiredValue(dataset),
                parsed.GetRequiredValue(days),
                parsed.GetRequiredValue(top),
                cancellation);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonText.Of(result));
            }
            else
            {
                Print(result);
            }

            return System.Threading.Tasks.Task.FromResult(0);
        });
        return command;
    }

    private static Option<string> Name() => new("--name") { Description = "Case-sensitive.", Required = true };

    private static ShownLog LogOf(string folder) => Directory.Exists(Path.Combine(folder, "shown"))
        ? new ShownLog(folder, mebibytes: 0)
        : throw new InputException(
            $"there is no folder {Path.Combine(folder, "shown")}. Expected the workspace folder of an engine that "
            + "showed the experiment. Leave out engines that showed nothing");

    private static WorkspaceCatalog CatalogOf(string snapshots) =>
        new(Path.GetDirectoryName(Path.GetFullPath(SnapshotPath.Resolve(snapshots)))!);

    private static void Print(IReadOnlyCollection<Experiment> experiments)
    {
        var table = Screen.Table("experiment", "version", "arm", "placement", "snapshot", "share");
        foreach (var experiment in experiments)
        {
            foreach (var arm in experiment.Arms)
            {
                table.AddRow(
                    Screen.Text(experiment.Name),
                    experiment.Version.ToString(CultureInfo.InvariantCulture),
                    Screen.Text(arm.Name),
                    Screen.Text(arm.Placement),
                    arm.SnapshotId.Length > 0 ? Screen.Text(arm.SnapshotId) : "active",
                    Percent(arm.Share));
            }
        }

        Screen.Create().Write(table);
    }

    private static void Print(ExperimentResult result)
    {
        var console = Screen.Create();
        console.WriteLine($"experiment {result.Experiment}: purchases of shown products within {result.Days} days");
        var table = Screen.Table(
            "arm", "replies", "users", "buyers", "rate", "95 % interval", "less first arm", "95 % interval", "p");
        foreach (var arm in result.Arms)
        {
            table.AddRow(
                Screen.Text(arm.Arm),
                Whole(arm.Replies),
                Whole(arm.Users),
                Whole(arm.Buyers),
                Percent(arm.Rate),
                $"{Percent(arm.Interval.Low)} to {Percent(arm.Interval.High)}",
                arm.AgainstFirst is { } other ? Percent(other.Difference) : "-",
                arm.AgainstFirst is { Interval: var (low, high) } ? $"{Percent(low)} to {Percent(high)}" : "-",
                arm.AgainstFirst?.PValue.ToString("F4", CultureInfo.InvariantCulture) ?? "-");
        }

        console.Write(table);
        var products = Screen.Table("arm", "product", "shown", "share");
        foreach (var arm in result.Arms)
        {
            foreach (var product in arm.Products)
            {
                products.AddRow(
                    Screen.Text(arm.Arm),
                    Screen.Text(product.ProductId),
                    Whole(product.Shown),
                    Percent(product.Share));
            }
        }

        console.Write(products);
        foreach (var note in result.Notes)
        {
            console.WriteLine($"note     {note}");
        }
    }

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %";
}
