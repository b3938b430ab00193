using System.CommandLine;
using Engine;
using Spectre.Console;
using Trainer.Data.Init;
using Trainer.Data.Mapping;

namespace Trainer.Commands;

/// <summary><c>init</c>: guesses a dataset.json from two tables, with reasons, for a person to correct.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var behavior = new Argument<string>("behavior") { Description = "The behavior table: a .csv, .csv.gz or .parquet file, or a folder of them." };
        var product = new Argument<string>("product") { Description = "The product table, likewise." };
        var output = new Option<string>("--out") { Description = "Where to write the mapping.", DefaultValueFactory = _ => "dataset.json" };
        var force = new Option<bool>("--force") { Description = "Replace a mapping that is already there." };
        var command = new Command("init", "Guess the column and type mapping of two tables and write it as dataset.json.")
        {
            behavior, product, output, force,
        };
        command.SetWork((result, cancel) =>
        {
            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = 160; // a pipe has no width; do not break lines at 80
            }

            Run(
                result.GetRequiredValue(behavior), result.GetRequiredValue(product), result.GetRequiredValue(output),
                result.GetValue(force), AnsiConsole.Console, cancel);
            return 0;
        });
        return command;
    }

    /// <summary>Guesses, prints and writes. Errors: <see cref="InputException"/> when a required column cannot be found.</summary>
    internal static DatasetDefinition Run(
        string behaviorPath, string productPath, string output, bool force, IAnsiConsole console, CancellationToken cancel)
    {
        if (File.Exists(output) && !force)
        {
            throw new InputException($"{output} exists already and may hold your corrections: choose another --out or add --force.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        var behaviorTable = TableProfile.Read(Path.GetFullPath(behaviorPath), cancel);
        var productTable = TableProfile.Read(Path.GetFullPath(productPath), cancel);
        foreach (var column in behaviorTable.Unreadable.Concat(productTable.Unreadable))
        {
            console.WriteLine($"Not looked at: {column.Message}");
        }

        var behaviors = new BehaviorGuesser(behaviorTable);
        var mapping = behaviors.Find(folder);
        var products = new ProductGuesser(productTable, behaviors.Products!);
        var definition = new DatasetDefinition { Behavior = mapping, Product = products.Find(folder) };

        var table = new Table().AddColumns("what", "guess", "why");
        foreach (var guess in behaviors.Guesses.Concat(products.Guesses))
        {
            table.AddRow(Markup.Escape(guess.Role), Markup.Escape(guess.Value), Markup.Escape(guess.Why));
        }

        console.Write(table);
        foreach (var profile in new[] { behaviorTable, productTable }.Where(profile => !profile.ReachedEnd))
        {
            console.WriteLine($"Only the first {profile.Rows} rows of {profile.Path} were looked at: types of later rows may be missing.");
        }

        Directory.CreateDirectory(folder);
        var temporary = $"{output}.{Environment.ProcessId}.tmp";
        File.WriteAllText(temporary, DatasetFile.Text(definition));
        File.Move(temporary, output, overwrite: true);
        console.WriteLine($"Wrote {output}. Correct what is wrong in it, then: train --dataset {output} --out SNAPSHOTS");
        return definition;
    }
}
