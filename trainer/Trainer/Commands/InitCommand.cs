using System.CommandLine;
using System.Text;
using Engine;
using Engine.Snapshots.Writing;
using Engine.Tables.Sql;
using Spectre.Console;
using Trainer.Data.Init;
using Engine.Datasets.Mapping;

namespace Trainer.Commands;

/// <summary><c>init</c>: guesses a dataset.json from two tables, with reasons, for a person to correct.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var behavior = new Argument<string?>("behavior")
        {
            Description = "The behavior table: a .csv, .csv.gz, .tsv, .txt or .parquet file, or a folder of them.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var product = new Argument<string?>("product")
        {
            Description = "The product table, likewise.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var source = new Option<string?>("--source")
        {
            Description = "The source file of a database that holds both tables, instead of files.",
        };
        var behaviorTable = new Option<string?>("--behavior-table")
        {
            Description = "With --source: the behavior table.",
        };
        var productTable = new Option<string?>("--product-table") { Description = "With --source: the product table." };
        var output = new Option<string>("--out")
        {
            Description = "Where to write the mapping.",
            DefaultValueFactory = _ => "dataset.json",
        };
        var force = new Option<bool>("--force") { Description = "Replace a mapping that is already there." };
        var command = new Command(
            "init",
            "Guess the column and type mapping of two tables and write it as dataset.json. "
            + "Exits with 1 when something is left to fill in.")
        {
            behavior, product, source, behaviorTable, productTable, output, force,
        };
        command.SetWork((result, cancel) =>
        {
            var places = Places(
                result.GetValue(source),
                result.GetValue(behavior),
                result.GetValue(product),
                result.GetValue(behaviorTable),
                result.GetValue(productTable));
            var found =
                Run(places, result.GetRequiredValue(output), result.GetValue(force), result.Screen(), cancel);
            result.PrintJson(found);
            return found.Open.Count == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>Guesses, prints and writes.</summary>
    internal static InitOutcome Run(
        InitPlaces places, string output, bool force, IAnsiConsole console, CancellationToken cancel)
    {
        if (File.Exists(output) && !force)
        {
            throw new InputException(
                $"{output} exists already and may hold your corrections: choose another --out or add --force.");
        }

        var (behaviorTable, productTable) = Profiles(places, cancel);
        string[] unreadable =
            [.. behaviorTable.Unreadable.Concat(productTable.Unreadable).Select(column => column.Message)];
        foreach (var column in unreadable)
        {
            console.WriteLine($"Not looked at: {column}");
        }

        var behaviors = new BehaviorGuesser(behaviorTable, productTable);
        var mapping = behaviors.Find();
        var products = new ProductGuesser(productTable, behaviors.Products);
        var definition = places.Place(
            new DatasetDefinition { Behavior = mapping, Product = products.Find() },
            Path.GetDirectoryName(Path.GetFullPath(output))!);

        var table = new Table().AddColumns("what", "guess", "why");
        Guess[] guesses = [.. behaviors.Points.Guesses, .. products.Points.Guesses];
        foreach (var guess in guesses)
        {
            table.AddRow([
                .. ((string[])[guess.Role, guess.Value, guess.Why]).Select(cell => Markup.Escape(Printable.Of(cell)))]);
        }

        console.Write(table);
        foreach (var profile in new[] { behaviorTable, productTable }.Where(profile => !profile.ReachedEnd))
        {
            console.WriteLine(
                $"Only the first {profile.Rows} rows of {profile.Path} were looked at: "
                + "types of later rows may be missing.");
        }

        string[] open = [.. behaviors.Points.Open, .. products.Points.Open];
        Write(output, definition, open);
        foreach (var point in open)
        {
            console.WriteLine($"OPEN: {point}");
        }

        var next = $"`trainer train --dataset {output} --out SNAPSHOTS`";
        console.WriteLine(open.Length == 0
            ? $"Wrote {output}. Correct what is wrong in it, then run {next}"
            : $"Wrote {output} with {open.Length} open: fill in what is listed above, then run {next}");
        return new InitOutcome(output, guesses, open, unreadable);
    }

    private static InitPlaces Places(
        string? source, string? behavior, string? product, string? behaviorTable, string? productTable) =>
        (source, behavior, product, behaviorTable, productTable) switch
        {
            (null, not null, not null, null, null) => new InitPlaces(null, behavior, product),
            (not null, null, null, not null, not null) => new InitPlaces(source, behaviorTable, productTable),
            _ =>
                throw new InputException(
                    "give two files or folders, `trainer init BEHAVIOR PRODUCT`, or two tables of a database, "
                    + "`trainer init --source SOURCE.json --behavior-table T --product-table P`."),
        };

    private static (TableProfile Behavior, TableProfile Product) Profiles(InitPlaces places, CancellationToken cancel)
    {
        if (places.Source is null)
        {
            return (
                TableProfile.Read(Path.GetFullPath(places.Behavior), cancel),
                TableProfile.Read(Path.GetFullPath(places.Product), cancel));
        }

        using var source = new SqlSource(DataSourceFile.Read(places.Source));
        return (TableProfile.Read(source, places.Behavior, cancel), TableProfile.Read(source, places.Product, cancel));
    }

    /// <summary>Writes the mapping, what is open as comments above it.</summary>
    private static void Write(string output, DatasetDefinition definition, string[] open)
    {
        var notes = string.Concat(open.Select(point => $"// OPEN: {point.ReplaceLineEndings(" ")}\n"));
        AtomicFile.Write(output, stream => stream.Write(Encoding.UTF8.GetBytes(notes + DatasetFile.Text(definition))));
    }
}

/// <summary>What <c>init</c> wrote.</summary>
/// <param name="Mapping">The file.</param>
/// <param name="Guesses">What is mapped to what, and why.</param>
/// <param name="Open">What is left for a person to fill in.</param>
/// <param name="NotLookedAt">Columns that cannot be read, with the reason.</param>
internal sealed record InitOutcome(
    string Mapping, IReadOnlyList<Guess> Guesses, IReadOnlyList<string> Open, IReadOnlyList<string> NotLookedAt);

/// <summary>Where the two tables are.</summary>
/// <param name="Source">The source file; null for files.</param>
/// <param name="Behavior">The behavior table: a path, or a name in the source.</param>
/// <param name="Product">The product table, likewise.</param>
internal sealed record InitPlaces(string? Source, string Behavior, string Product)
{
    /// <summary>A mapping with the places of its tables, relative to a folder.</summary>
    public DatasetDefinition Place(DatasetDefinition definition, string folder) => Source is null
        ? definition with
        {
            Behavior = definition.Behavior with { Files = [Relative(folder, Behavior)] },
            Product = definition.Product with { Files = [Relative(folder, Product)] },
        }
        : definition with
        {
            Source = Relative(folder, Source),
            Behavior = definition.Behavior with { Table = Behavior },
            Product = definition.Product with { Table = Product },
        };

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, Path.GetFullPath(path));
}
