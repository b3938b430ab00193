using Engine.Scoring.Ids;
using System.CommandLine;
using System.Globalization;
using Engine.Server.Results;
using Engine.Tables.Sql;

namespace Engine.Server.Commands;

/// <summary>--source and --table: a table of a data source that results are written into.</summary>
internal sealed class TableOptions(bool required)
{
    /// <summary>--source.</summary>
    public Option<string?> Source { get; } = new("--source")
    {
        Description = "The source file of the database to write to.",
        Required = required,
    };

    /// <summary>--table.</summary>
    public Option<string?> Table { get; } = new("--table")
    {
        Description = "The table; created if it does not exist.",
        Required = required,
    };

    /// <summary>--task.</summary>
    public Option<string?> Task { get; } = new("--task")
    {
        Description = "The task_id of the rows. Earlier rows of that task are replaced.",
        Required = required,
    };

    /// <summary>--streams.</summary>
    public Option<int> Streams { get; } = new("--streams")
    {
        Description = "Parallel connections, 1..16.",
        DefaultValueFactory = _ => new SqlWriteOptions().Streams,
    };

    /// <summary>Whether a table is named; all of <paramref name="options"/> must be then.</summary>
    /// <exception cref="InputException">Only some of them are given.</exception>
    public static bool IsGiven(ParseResult parsed, params Option<string?>[] options)
    {
        var missing = options.Where(option => string.IsNullOrEmpty(parsed.GetValue(option)))
            .Select(option => option.Name).ToList();
        return missing.Count == 0 || (missing.Count == options.Length ? false
            : throw new InputException(
                $"{string.Join(" and ", missing)} missing. To write to a table, "
                + $"give all of {string.Join(", ", options.Select(option => option.Name))}"));
    }

    /// <summary>How to write, as the options say.</summary>
    public SqlWriteOptions WriteOptions(ParseResult parsed, CancellationToken cancellation)
    {
        Require.Between("--streams", parsed.GetRequiredValue(Streams), 1, 16);
        return new SqlWriteOptions { Streams = parsed.GetRequiredValue(Streams), Cancel = cancellation };
    }

    /// <summary>Publishes a finished result file and says so.</summary>
    /// <returns>The rows.</returns>
    public long Publish(ParseResult parsed, string file, TextWriter said, CancellationToken cancellation)
    {
        using var source = new SqlSource(DataSourceFile.Read(parsed.GetValue(Source)!));
        try
        {
            var rows = new ResultTable(source, parsed.GetValue(Table)!, parsed.GetValue(Task)!).Publish(
                file,
                WriteOptions(parsed, cancellation),
                so => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{so:N0} rows sent")));
            said.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows:N0} rows of task {parsed.GetValue(Task)} published in {parsed.GetValue(Table)}, "
                    + $"count verified"));
            return rows;
        }
        catch (OperationCanceledException)
        {
            throw new InputException(
                $"canceled: {parsed.GetValue(Table)} is unchanged. {file} is complete: "
                + "publish it with `engine publish`");
        }
    }

    /// <summary>Checks whether the table accepts results, before the work begins.</summary>
    public void Check(ParseResult parsed, bool ranked)
    {
        using var source = new SqlSource(DataSourceFile.Read(parsed.GetValue(Source)!));
        new ResultTable(source, parsed.GetValue(Table)!, parsed.GetValue(Task)!).Check(ranked);
    }
}
