using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Bench;

/// <summary>
/// Rows per second read from and written to a source, beside the plain client's dump of the same rows and its load of
/// the same rows from SQL text, over as many connections, in the same run.
/// </summary>
internal static class SourceBench
{
    private const string Copy = "bench_source_copy";
    private const string Number = "row_number_in_copy";

    public static Command Create()
    {
        var source = new Option<string>("--source")
        {
            Description = "Source file; its password in a variable or file",
            Required = true,
        };
        var table = new Option<string>("--table") { Description = "A big table with a time column", Required = true };
        var time = new Option<string>("--time")
        {
            Description = "The time column",
            DefaultValueFactory = _ => "behavior_time",
        };
        var streams = new Option<int[]>("--streams")
        {
            Description = "Numbers of streams",
            DefaultValueFactory = _ => [1, 2],
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("source", "Read and write a table, beside the plain client's dump and load of it")
        {
            source,
            table,
            time,
            streams,
        };
        command.SetAction(parsed => Run(
            DataSourceFile.Read(parsed.GetRequiredValue(source)),
            parsed.GetRequiredValue(table),
            parsed.GetRequiredValue(time),
            parsed.GetRequiredValue(streams)));
        return command;
    }

    private static void Run(DataSource settings, string table, string time, int[] streams)
    {
        using var source = new SqlSource(settings);
        var columns = source.Describe(table).Select(column => column.Name).ToArray();
        var range =
            source.Query(
                "range",
                $"SELECT COUNT(*), CAST(MIN({SqlDialect.Name(time)}) AS CHAR), CAST(MAX({SqlDialect.Name(time)}) AS "
                + $"CHAR) FROM {SqlDialect.Name(table)}")[0];
        var rows = long.Parse(range[0]!, CultureInfo.InvariantCulture);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rows:N0} rows of {columns.Length} columns, read by time slices; median of 3"));
        foreach (var count in streams)
        {
            var bounds = Bounds(
                DateTime.Parse(range[1]!, CultureInfo.InvariantCulture),
                DateTime.Parse(range[2]!, CultureInfo.InvariantCulture),
                count,
                time);
            var dump =
                Median(
                    () => Parallel.ForEach(
                        bounds, Options(count), bound => Dump(settings, SqlDialect.Select(table, columns, bound))));
            Print("mysql client dump to a file", count, rows, dump, dump);
            Print(
                "rows read, cells untouched",
                count,
                rows,
                Median(
                    () => Parallel.ForEach(bounds, Options(count), bound => Read(source, table, columns, bound, null))),
                dump);
            var folder = Directory.CreateTempSubdirectory("bench-source-").FullName;
            Print(
                "rows read into Parquet",
                count,
                rows,
                Median(
                    () => Parallel.ForEach(
                        bounds,
                        Options(count),
                        (bound, _, i) => Read(source, table, columns, bound, Path.Combine(folder, $"{i}.parquet")))),
                dump);
            Writes(settings, source, table, folder, count, rows, dump);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// The rows of the Parquet files into a table with a key, by us (staged, counted, published, counted) and by as
    /// many clients that load REPLACE statements of the same size.
    /// </summary>
    private static void Writes(
        DataSource settings, SqlSource source, string table, string folder, int streams, long rows, double dump)
    {
        var written = Median(() => Write(source, table, folder, streams));
        var parts = Enumerable.Range(0, streams).Select(i => Path.Combine(folder, $"{i}.sql")).ToArray();
        Parallel.For(0, streams, i => Client(
            settings, "mariadb-dump",
            [
                "--skip-opt",
                "--no-create-info",
                "--replace",
                "--extended-insert",
                "--quick",
                "--net-buffer-length=1M",
                "--skip-comments",
                $"--where={Number} % {streams} = {i}",
                settings.Database,
                Copy,
            ],
            input: null, parts[i]));
        var load = Median(() =>
        {
            source.Execute("bench", $"TRUNCATE TABLE {Copy}");
            Parallel.ForEach(
                parts,
                Options(streams),
                part => Client(settings, "mariadb", ["--batch", settings.Database], part, output: null));
        });
        source.Execute("cleaning up", $"DROP TABLE {Copy}");
        Print("plain client loads REPLACEs", streams, rows, load, dump);
        Print("rows written and published", streams, rows, written, dump);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{"",-28} {written / load:F2} x the plain client's load"));
    }

    private static string[] Bounds(DateTime first, DateTime last, int count, string time)
    {
        var at = Enumerable.Range(0, count + 1).Select(i => first + ((last - first) * i / count)).ToArray();
        var name = SqlDialect.Name(time);
        return [.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant(
            $"{name} >= '{at[i]:yyyy-MM-dd HH:mm:ss.fff}'")
            + FormattableString.Invariant(
                $" AND {name} {(i + 1 == count ? "<=" : "<")} '{at[i + 1]:yyyy-MM-dd HH:mm:ss.fff}'"))];
    }

    private static void Read(SqlSource source, string table, string[] columns, string bound, string? path)
    {
        using var reader = source.Read(table, columns, bound);
        using var writer = path is null ? null : TableFile.Create(path, reader.Shape);
        while (reader.Read())
        {
            if (writer is not null)
            {
                reader.CopyRow(writer);
            }
        }

        writer?.Complete();
    }

    /// <summary>A row's number is added as the key.</summary>
    private static void Write(SqlSource source, string table, string folder, int streams)
    {
        TableColumn[] shape;
        using (var described = source.Read(table, [.. source.Describe(table).Select(column => column.Name)], "1 = 0"))
        {
            shape = [.. described.Shape];
        }

        using var reader =
            TableFile.Open(Directory.GetFiles(folder, "*.parquet"), [.. shape.Select(column => column.Name)]);
        using var writer = new SqlTableWriter(
            source,
            Copy,
            new ResultShape([new(Number, ColumnType.WholeNumber), .. shape], [Number]),
            new SqlWriteOptions { Streams = streams });
        for (long row = 0; reader.Read(); row++)
        {
            writer.Write(row);
            for (var i = 0; i < shape.Length; i++)
            {
                Write(writer, shape[i].Type, reader.Text(i));
            }

            writer.EndRow();
        }

        writer.Complete();
    }

    private static void Write(SqlTableWriter writer, ColumnType type, ReadOnlySpan<char> text)
    {
        switch (type)
        {
            case var _ when text.IsEmpty: writer.WriteNull(); break;
            case ColumnType.WholeNumber: writer.Write(long.Parse(text, CultureInfo.InvariantCulture)); break;
            case ColumnType.Number: writer.Write(double.Parse(text, CultureInfo.InvariantCulture)); break;
            case ColumnType.Time: writer.Write(DateTime.Parse(text, CultureInfo.InvariantCulture)); break;
            default: writer.Write(text); break;
        }
    }

    private static void Dump(DataSource settings, string sql)
    {
        var path = Path.GetTempFileName();
        Client(settings, "mariadb", ["--quick", "--batch", settings.Database, "-e", sql], input: null, path);
        File.Delete(path);
    }

    /// <summary>
    /// The client reads the password from its own variable; nothing of it stands on the command line.
    /// </summary>
    private static void Client(DataSource settings, string program, string[] arguments, string? input, string? output)
    {
        var start = new ProcessStartInfo(
            program,
            [
                "--no-defaults",
                "-h",
                settings.Host,
                "-P",
                settings.Port.ToString(CultureInfo.InvariantCulture),
                "--protocol=tcp",
                "-u",
                settings.User,
                .. arguments,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["MYSQL_PWD"] = settings.PasswordEnv is { } variable
            ? Environment.GetEnvironmentVariable(variable)
            : File.ReadAllText(settings.PasswordFile!).TrimEnd();
        using var process = Process.Start(start)!;
        if (input is not null)
        {
            using var text = File.OpenRead(input);
            text.CopyTo(process.StandardInput.BaseStream, 1 << 16);
        }

        process.StandardInput.Close();
        using (var file = output is null ? Stream.Null : File.Create(output))
        {
            process.StandardOutput.BaseStream.CopyTo(file, 1 << 16);
        }

        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new TableException($"{program} failed");
        }
    }

    private static ParallelOptions Options(int count) => new() { MaxDegreeOfParallelism = count };

    private static double Median(Action work) => Enumerable.Range(0, 3).Select(_ => Time(work)).Order().ElementAt(1);

    private static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Print(string what, int streams, long rows, double seconds, double dump) =>
        Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-28} {streams} streams {seconds,8:F2} s {rows / seconds / 1000,8:F0}k rows/s "
        + $"{seconds / dump,6:F2} x the dump's time"));
}
