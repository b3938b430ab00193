using System.CommandLine;
using System.Globalization;
using Engine;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Trainer.Data.Progress;
using Trainer.Data.Sources;

namespace Trainer.Commands;

/// <summary><c>source write</c>: files into a staging table, then published atomically.</summary>
internal static class WriteCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source file" };
        var files = new Argument<string[]>("files")
        {
            Description = "CSV or Parquet files, or folders of them, with the table's columns",
            Arity = ArgumentArity.OneOrMore,
        };
        var table = new Option<string>("--table")
        {
            Description = "The table; created when it does not exist",
            Required = true,
        };
        var key = new Option<string?>("--key")
        {
            Description = "The columns that identify a row, separated by commas: task_id,user_id,item_rank. "
                + "Without a key, a lost connection ends the write",
        };
        var partition = new Option<string?>("--replace")
        {
            Description = "The part of the table that is replaced, COLUMN=VALUE, such as task_id=T7; the whole table "
                + "without it",
        };
        var types = new Option<string[]>("--type")
        {
            Description = "The type of a column, NAME=text|integer|number|time; guessed without it",
        };
        var streams = new Option<int>("--streams")
        {
            Description = "Parallel connections, 1..16",
            DefaultValueFactory = _ => new SqlWriteOptions().Streams,
        };
        var command = new Command(
            "write",
            "Write files into a table. Rows are swapped in atomically: readers see the old rows or the new ones.")
        {
            source, files, table, key, partition, types, streams,
        };
        command.SetWork((parsed, cancel) =>
        {
            var options = Options(parsed.GetValue(streams), cancel);
            var inputs = parsed.GetRequiredValue(files);
            var shape = new ResultShape(
                ColumnTypes.Find(inputs, Types(parsed.GetValue(types) ?? [])),
                parsed.GetValue(key)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                ?? [],
                parsed.GetValue(partition) is { } part ? Partition("--replace", part) : null);
            var rows = ConsoleProgress.Run(
                options.Time,
                progress => Run(
                    parsed.GetRequiredValue(source), parsed.GetRequiredValue(table), inputs, shape, options, progress));
            parsed.Print(
                new { Table = parsed.GetRequiredValue(table), Rows = rows },
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows:N0} rows published in {parsed.GetRequiredValue(table)}; the count is verified."));
            return 0;
        });
        return command;
    }

    /// <summary>Writes and publishes. Returns the rows.</summary>
    internal static long Run(
        string source,
        string table,
        IReadOnlyList<string> files,
        ResultShape shape,
        SqlWriteOptions options,
        IProgressReporter progress)
    {
        using var opened = new SqlSource(DataSourceFile.Read(source));
        using var rows = TableFile.Open(files, [.. shape.Columns.Select(column => column.Name)]);
        using var writer = new SqlTableWriter(opened, table, shape, options);
        TableLoad.Copy(rows, writer, progress, options.Cancel);
        return writer.Rows;
    }

    /// <summary>How to write with a number of streams. Errors: <see cref="InputException"/>.</summary>
    internal static SqlWriteOptions Options(int streams, CancellationToken cancel) => streams is >= 1 and <= 16
        ? new SqlWriteOptions { Streams = streams, Cancel = cancel }
        : throw new InputException($"--streams is {streams}: 1 to 16 were expected.");

    /// <summary>Reads COLUMN=VALUE.</summary>
    internal static ResultPartition Partition(string option, string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is var at and > 0
        && at < text.Length - 1 ? new ResultPartition(text[..at], [text[(at + 1)..]])
        : throw new InputException($"{option} is '{text}': COLUMN=VALUE was expected, such as task_id=T7.");

    private static Dictionary<string, ColumnType> Types(string[] given)
    {
        var types = new Dictionary<string, ColumnType>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var parts = text.Split('=');
            types[parts[0]] = (parts.Length == 2 ? parts[1] : "") switch
            {
                "text" => ColumnType.Text,
                "integer" => ColumnType.WholeNumber,
                "number" => ColumnType.Number,
                "time" => ColumnType.Time,
                _ => throw new InputException($"--type is '{text}': NAME=text, integer, number or time was expected."),
            };
        }

        return types;
    }
}
