using System.CommandLine;
using Engine;
using Engine.Tables.Sql;
using Spectre.Console;
using Trainer.Checks;
using Engine.Datasets.Mapping;

namespace Trainer.Commands;

/// <summary><c>source</c>: checks a database, writes tables into it and compares them with files.</summary>
internal static class SourceCommand
{
    public static Command Create() =>
        new("source", "Check a data source, write a table into it, or compare one with files.")
        {
            CreateCheck(),
            LoadCommand.Create(),
            WriteCommand.Create(),
            CompareCommand.Create(),
        };

    private static Command CreateCheck()
    {
        var file = new Argument<string>("source")
        {
            Description = "The source file, JSON: kind, host, port, database, user, password_env, tls.",
        };
        var dataset = new Option<string?>("--dataset")
        {
            Description = "dataset.json: its tables, columns and data are checked too.",
        };
        var command = new Command("check", "Check in seconds whether a source can be used, and what to fix.")
        {
            file,
            dataset,
        };
        command.SetAction(
            parsed =>
            {
                var report = Check(parsed.GetRequiredValue(file), parsed.GetValue(dataset), parsed.Screen());
                parsed.PrintJson(report);
                return report.Failures.Count == 0 ? 0 : 1;
            });
        return command;
    }

    private static CheckReport Check(string file, string? dataset, IAnsiConsole console)
    {
        var report = new CheckReport(console);
        var definition = dataset is null ? null : DatasetFile.Read(dataset);
        if (definition is { Source: null })
        {
            throw new InputException(
                $"{dataset} names files, not a source: add 'source', behavior.table and "
                + "product.table, and remove the files.");
        }

        if (definition?.Source is { } named && !SamePlace(DataSourceFile.Read(named), DataSourceFile.Read(file)))
        {
            throw new InputException(
                $"{dataset} names the source {named}, which is another database than {file}: "
                + "both tables must live in the source that is checked.");
        }

        using var source = new SqlSource(DataSourceFile.Read(file));
        var check = new SourceCheck(source, report);
        if (check.CheckConnection())
        {
            check.CheckPrivileges();
            if (definition is not null)
            {
                var behavior = check.CheckColumns(definition.Behavior.Table!, MappedColumns.Roles(definition.Behavior));
                var product = check.CheckColumns(definition.Product.Table!, MappedColumns.Roles(definition.Product));
                if (behavior is not null && product is not null)
                {
                    check.CheckTypes(definition, behavior, product);
                    new DataCheck(source, report, definition).Run(behavior[definition.Behavior.Time]);
                }
            }
        }

        console.WriteLine(report.Failures.Count switch
        {
            0 => "The source can be used.",
            1 => "1 problem to fix first.",
            var problems => $"{problems} problems to fix first.",
        });
        return report;
    }

    private static bool SamePlace(DataSource one, DataSource other) =>
        (one.Host, one.Port, one.Database) == (other.Host, other.Port, other.Database);
}
