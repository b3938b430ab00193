using System.CommandLine;
using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Trainer.Data.Progress;
using Trainer.Data.Sources;

namespace Trainer.Commands;

/// <summary><c>source compare</c>: whether a table holds the rows of files, each as often and no others.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source file" };
        var files = new Argument<string[]>("files")
        {
            Description = "CSV or Parquet files, or folders of them",
            Arity = ArgumentArity.OneOrMore,
        };
        var table = new Option<string>("--table")
        {
            Description = "The table; columns that the files lack are ignored",
            Required = true,
        };
        var where = new Option<string?>("--where")
        {
            Description = "The part of the table that is compared, COLUMN=VALUE, such as task_id=T7",
        };
        var command = new Command(
            "compare", "Compare files with a table row for row, whatever the order. Exits with 1 when they differ.")
        {
            source,
            files,
            table,
            where,
        };
        command.SetWork((parsed, cancel) =>
        {
            var result = ConsoleProgress.Run(TimeProvider.System, progress => Run(
                parsed.GetRequiredValue(source),
                parsed.GetRequiredValue(files),
                parsed.GetRequiredValue(table),
                parsed.GetValue(where),
                progress,
                cancel));
            var verdict = string.Create(
                CultureInfo.InvariantCulture,
                $"{result.FileRows:N0} rows in the files, {result.TableRows:N0} in {parsed.GetRequiredValue(table)}: "
                + $"{(result.Equal ? "equal, row for row." : "they DIFFER.")}");
            string[] lines =
            [
                verdict,
                .. result.OnlyInFile.Select(row => $"only in the files: {row}"),
                .. result.OnlyInTable.Select(row => $"only in the table: {row}"),
            ];
            parsed.Print(result, string.Join(Environment.NewLine, lines));

            return result.Equal ? 0 : 1;
        });
        return command;
    }

    /// <summary>Compares by the columns of the files, in the types of the table.</summary>
    internal static ComparisonResult Run(
        string source,
        IReadOnlyList<string> files,
        string table,
        string? where,
        IProgressReporter progress,
        CancellationToken cancel)
    {
        using var opened = new SqlSource(DataSourceFile.Read(source));
        string[] names;
        using (var header = TableFile.Open(files))
        {
            names = [.. header.Columns];
        }

        TableColumn[] columns;
        using (var shape = opened.Read(table, names, "1 = 0"))
        {
            columns = [.. shape.Shape];
        }

        var part = where is null ? null : WriteCommand.Partition("--where", where);
        return new TableComparison(
            inTable => !inTable ? TableFile.Open(files, names)
                : part is null ? opened.Read(table, names)
                : opened.Read(table, names, $"{SqlDialect.Name(part.Column)} = @0", 0, part.Values[0]),
            columns, progress, cancel).Run();
    }
}
