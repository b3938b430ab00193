using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Engine.Tables;
using Engine.Tables.Sql;

namespace Bench;

/// <summary>Rows per second read from and written to a source, beside a plain dump by the mysql client in the same run.</summary>
internal static class SourceBench
{
    public static Command Create()
    {
        var source = new Option<string>("--source") { Description = "Source file; its password in a variable or file", Required = true };
        var table = new Option<string>("--table") { Description = "A big table with a time column", Required = true };
        var time = new Option<string>("--time") { Description = "The time column", DefaultValueFactory = _ => "behavior_time" };
        var streams = new Option<int[]>("--streams") { Description = "Numbers of streams", DefaultValueFactory = _ => [1, 2], AllowMultipleArgumentsPerToken = true };
        var command = new Command("source", "Read and write a table, beside the mysql client's dump of it") { source, table, time, streams };
        command.SetAction(parsed => Run(
            DataSourceFile.Read(parsed.GetRequiredValue(source)), parsed.GetRequiredValue(table), parsed.GetRequiredValue(time), parsed.GetRequiredValue(streams)));
        return command;
    }

    private static void Run(DataSource settings, string table, string time, int[] streams)
    {
        using var source = new SqlSource(settings);
        var columns = source.Describe(table).Select(column => column.Name).ToArray();
        var range = source.Query("range", $"SELECT COUNT(*), CAST(MIN({SqlDialect.Name(time)}) AS CHAR), CAST(MAX({SqlDialect.Name(time)}) AS CHAR) FROM {SqlDialect.Name(table)}")[0];
        var rows = long.Parse(range[0]!, CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows of {columns.Length} columns, read by time slices; median of 3"));
        foreach (var count in streams)
        {
            var bounds = Bounds(DateTime.Parse(range[1]!, CultureInfo.InvariantCulture), DateTime.Parse(range[2]!, CultureInfo.InvariantCulture), count, time);
            var dump = Median(() => Parallel.ForEach(bounds, Options(count), bound => Dump(settings, SqlDialect.Select(table, columns, bound))));
            Print("mysql client dump to a file", count, rows, dump, dump);
            Print("rows read, cells untouched", count, rows, Median(() => Parallel.ForEach(bounds, Options(count), bound => Read(source, table, columns, bound, null))), dump);
            var folder = Directory.CreateTempSubdirectory("bench-source-").FullName;
            var number = 0;
            Print("rows read into Parquet", count, rows, Median(() => Parallel.ForEach(bounds, Options(count), bound => Read(source, table, columns, bound, Path.Combine(folder, $"{Interlocked.Increment(ref number)}.parquet")))), dump);
            Directory.Delete(folder, recursive: true);
            Print("rows written and published", count, rows, Time(() => Write(source, table, columns, count)), dump);
        }
    }

    private static string[] Bounds(DateTime first, DateTime last, int count, string time)
    {
        var at = Enumerable.Range(0, count + 1).Select(i => first + ((last - first) * i / count)).ToArray();
        return [.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant(
            $"{SqlDialect.Name(time)} >= '{at[i]:yyyy-MM-dd HH:mm:ss.fff}' AND {SqlDialect.Name(time)} {(i + 1 == count ? "<=" : "<")} '{at[i + 1]:yyyy-MM-dd HH:mm:ss.fff}'"))];
    }

    private static void Read(SqlSource source, string table, string[] columns, string bound, string? path)
    {
        using var reader = source.Read(table, columns, bound);
        using var writer = path is null ? null : TableWriter.Create(path, reader.Shape);
        while (reader.Read())
        {
            if (writer is not null)
            {
                reader.CopyRow(writer);
            }
        }

        writer?.Complete();
    }

    /// <summary>Copies the table inside the source. It has no key of ours, so a row's number is added as one.</summary>
    private static void Write(SqlSource source, string table, string[] columns, int streams)
    {
        const string Copy = "bench_source_copy";
        using (var reader = source.Read(table, columns))
        using (var writer = new SqlTableWriter(
            source, Copy, new ResultShape([new("row_number_in_copy", ColumnType.WholeNumber), .. reader.Shape], ["row_number_in_copy"]), new SqlWriteOptions { Streams = streams }))
        {
            while (reader.Read())
            {
                writer.Write(reader.Line);
                reader.CopyRow(writer);
            }

            writer.Complete();
        }

        source.Execute("cleaning up", $"DROP TABLE {Copy}");
    }

    /// <summary>The client reads the password from its own variable; nothing of it stands on the command line.</summary>
    private static void Dump(DataSource settings, string sql)
    {
        var start = new ProcessStartInfo(
            "mariadb",
            ["--no-defaults", "--quick", "--batch", "-h", settings.Host, "-P", settings.Port.ToString(CultureInfo.InvariantCulture), "--protocol=tcp", "-u", settings.User, settings.Database, "-e", sql])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["MYSQL_PWD"] = settings.PasswordEnv is { } variable ? Environment.GetEnvironmentVariable(variable) : File.ReadAllText(settings.PasswordFile!).TrimEnd();
        var path = Path.GetTempFileName();
        using (var process = Process.Start(start)!)
        using (var file = File.Create(path))
        {
            process.StandardOutput.BaseStream.CopyTo(file, 1 << 16);
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new TableException("the mysql client failed");
            }
        }

        File.Delete(path);
    }

    private static ParallelOptions Options(int count) => new() { MaxDegreeOfParallelism = count };

    private static double Median(Action work) => Enumerable.Range(0, 3).Select(_ => Time(work)).Order().ElementAt(1);

    private static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Print(string what, int streams, long rows, double seconds, double dump) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-28} {streams} streams {seconds,8:F2} s {rows / seconds / 1000,8:F0}k rows/s {seconds / dump,6:F2} x the dump's time"));
}
