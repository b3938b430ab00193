using System.Diagnostics;
using Engine.Tables;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Trainer.Commands;
using Trainer.Data.Progress;
using Trainer.Data.Sources;

namespace EndToEnd.Tests.Adb;

/// <summary>Written results: the old rows or the new ones, each once, whatever breaks on the way.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class WriteTests(MariaDbServer server)
{
    private const string All = "SELECT task_id, user_id, item_rank, item_id, score FROM results";
    private static readonly string[] Key = ["task_id", "user_id", "item_rank"];

    [MariaDbFact]
    public async Task A_written_table_equals_the_file()
    {
        using var source = await TestSource.Create(server, 1000);
        var first = Write(source, "first.csv", "T1", 30_000, 1);
        Assert.Equal(first, await server.Rows(All, source.Database));
        var second = Write(source, "second.csv", "T2", 10_000, 2);
        Assert.Equal(second, await server.Rows(All, source.Database));
        Assert.Empty(await server.Rows("SHOW TABLES LIKE '%\\_\\_%'", source.Database));
    }

    [MariaDbFact]
    public async Task One_tasks_rows_are_replaced_and_those_of_others_stay()
    {
        using var source = await TestSource.Create(server, 1000);
        var one = Write(source, "1.csv", "T1", 3000, 1, "T1");
        Write(source, "2.csv", "T2", 3000, 2, "T2");
        var again = Write(source, "2b.csv", "T2", 2000, 3, "T2");
        var both = one.Concat(again).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(both, await server.Rows(All, source.Database));
        var e = Assert.ThrowsAny<TableException>(() => Write(source, "3.csv", "T3", 10, 1, "T2"));
        Assert.Contains("one of T2 was expected", e.Message, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task Rows_with_the_same_key_are_refused_and_the_old_result_stays()
    {
        using var source = await TestSource.Create(server, 1000);
        var old = Write(source, "1.csv", "T1", 3000, 1);
        await File.AppendAllTextAsync(Produce(source, "2.csv", "T1", 3000, 2), "T1,user 1,1,p0,0.5\n");
        var e = Assert.ThrowsAny<TableException>(() => Run(source, "2.csv"));
        Assert.Contains("rows with the same key", e.Message, StringComparison.Ordinal);
        Assert.Equal(old, await server.Rows(All, source.Database));
        Assert.Empty(await server.Rows("SHOW TABLES LIKE '%\\_\\_%'", source.Database));
    }

    [MariaDbFact]
    public async Task A_server_killed_and_restarted_in_the_middle_loses_and_doubles_nothing()
    {
        using var source = await TestSource.Create(server, 1000);
        Task? restart = null;
        using var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
        {
            if (!fromServer && total > 2_000_000 && restart is null)
            {
                restart = Task.CompletedTask;
                server.Kill();
                restart = server.Start();
            }

            return ProxyAct.Pass;
        });
        source.Write(proxy.Port);
        var rows = Write(source, "1.csv", "T1", 80_000, 1);
        await restart!;
        Assert.Equal(rows, await server.Rows(All, source.Database));
    }

    /// <summary>
    /// The link breaks after so many bytes of all that flows, from the first statement to the last answer.
    /// </summary>
    [MariaDbFact]
    public async Task A_link_cut_anywhere_leaves_the_old_rows_or_the_new_ones()
    {
        using var source = await TestSource.Create(server, 1000);
        var old = Write(source, "old.csv", "T1", 2000, 1);
        var expected = old;
        for (var cut = 0; cut < 40; cut++)
        {
            var pieces = 0;
            using var proxy = new FaultyProxy(
                server.Port,
                (_, _) => Interlocked.Increment(ref pieces) > 5 + (cut * 4) ? ProxyAct.Cut : ProxyAct.Pass);
            source.Write(proxy.Port, tls: "off");
            string[]? written = null;
            try
            {
                written = Write(source, "new.csv", "T1", 3000, cut + 10, attempts: 1);
            }
            catch (SourceException)
            {
                // The link was cut: the run failed, or found out that it had published.
            }

            var found = await server.Rows(All, source.Database);
            var next = written ?? Rows(source.File("new.csv"));
            Assert.True(
                found.SequenceEqual(next) || (written is null && found.SequenceEqual(expected)),
                $"cut {cut}: {found.Length} rows");
            expected = found;
        }
    }

    [MariaDbFact]
    public async Task A_killed_program_leaves_the_old_rows_and_the_next_run_the_new_ones()
    {
        using var source = await TestSource.Create(server, 1000);
        var old = Write(source, "1.csv", "T1", 3000, 1);
        var file = Produce(source, "2.csv", "T1", 80_000, 2);
        var sent = 0L;
        var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
        {
            Interlocked.Exchange(ref sent, fromServer ? sent : total);
            return !fromServer && total > 1_500_000 ? ProxyAct.Stall : ProxyAct.Pass;
        });
        using (proxy)
        {
            source.Write(proxy.Port);
            using (var process = Process.Start(new ProcessStartInfo(
                "dotnet",
                [
                    ProgramOutput.Built("Trainer"),
                    "source",
                    "write",
                    source.SourceFile,
                    file,
                    "--table",
                    "results",
                    "--key",
                    string.Join(',', Key),
                ])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!)
            {
                for (var i = 0; i < 600 && Interlocked.Read(ref sent) < 1_500_000 && !process.HasExited; i++)
                {
                    await Task.Delay(100);
                }

                process.Kill();
                await process.WaitForExitAsync();
            }
        }

        Assert.Equal(old, await server.Rows(All, source.Database));
        Assert.Single(await server.Rows("SHOW TABLES LIKE 'results\\_\\_new%'", source.Database));
        source.Write(server.Port);
        const string Mark =
            "SELECT IS_FREE_LOCK(MD5(CONCAT(DATABASE(), '.', TABLE_NAME))) FROM information_schema.TABLES "
            + "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'results\\_\\_new%'";
        for (var i = 0; i < 600 && (await server.Rows(Mark, source.Database)).Single() == "0"; i++)
        {
            await Task.Delay(100);
        }

        // A minute back: the name has the minute in which the run began, and the server may be younger.
        Run(source, "2.csv", time: new Later(-TimeSpan.FromMinutes(1)));
        Assert.Equal(Rows(file), await server.Rows(All, source.Database));
        Assert.Empty(await server.Rows("SHOW TABLES LIKE '%\\_\\_%'", source.Database));
    }

    [MariaDbFact]
    public async Task A_run_that_lives_keeps_its_staging_table_however_old_it_is()
    {
        using var source = await TestSource.Create(server, 1000);
        using var database = new SqlSource(DataSourceFile.Read(source.SourceFile));
        TableColumn[] columns = [new("task_id", ColumnType.Text), new("user_id", ColumnType.Text)];
        var shape = new ResultShape(columns, ["task_id", "user_id"], new ResultPartition("task_id", ["T1"]));
        using (var slow = new SqlTableWriter(database, "pairs", shape, new SqlWriteOptions()))
        {
            Row(slow, "T1");
            var other = shape with { Partition = new ResultPartition("task_id", ["T2"]) };
            var later = new SqlWriteOptions { Time = new Later(TimeSpan.FromDays(3)) };
            using (var quick = new SqlTableWriter(database, "pairs", other, later))
            {
                Row(quick, "T2");
                quick.Complete();
            }

            slow.Complete();
        }

        Assert.Equal(["T1|u", "T2|u"], await server.Rows("SELECT task_id, user_id FROM pairs", source.Database));
        Assert.Empty(await server.Rows("SHOW TABLES LIKE '%\\_\\_%'", source.Database));

        static void Row(SqlTableWriter writer, string task)
        {
            writer.Write(task);
            writer.Write("u");
            writer.EndRow();
        }
    }

    [MariaDbFact]
    public async Task Readers_never_see_anything_but_one_whole_result()
    {
        using var source = await TestSource.Create(server, 1000);
        Write(source, "1.csv", "T1", 2000, 1);
        using var stop = new CancellationTokenSource();
        var seen = new HashSet<string>();
        var reading = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                seen.Add(
                    (await server.Rows(
                        "SELECT COUNT(*), COUNT(DISTINCT ROUND(score)), MIN(ROUND(score)) FROM results",
                        source.Database))[0]);
            }
        });
        for (var run = 2; run < 8; run++)
        {
            Write(source, "n.csv", "T1", 1000 * run, run);
        }

        await stop.CancelAsync();
        await reading;
        Assert.All(seen, row => Assert.Equal(Result(row), row));

        static string Result(string row)
        {
            var run = row.Split('|')[2];
            return $"{(run == "1" ? 2 : int.Parse(run, System.Globalization.CultureInfo.InvariantCulture)) * 1000}|1|{run}";
        }
    }

    [MariaDbFact]
    public async Task A_table_of_another_key_is_refused()
    {
        using var source = await TestSource.Create(server, 1000);
        await source.Execute(
            "CREATE TABLE results (task_id VARCHAR(20), user_id VARCHAR(20), item_rank INT, item_id VARCHAR(20), "
            + "score DOUBLE, PRIMARY KEY (user_id))");
        var e = Assert.Throws<SourceException>(() => Write(source, "1.csv", "T1", 10, 1));
        Assert.Contains(
            "has the primary key (user_id), (task_id, user_id, item_rank) was expected",
            e.Message,
            StringComparison.Ordinal);
    }

    private static string[] Write(
        TestSource source,
        string name,
        string task,
        int rows,
        int seed,
        string? partition = null,
        int attempts = Retry.DefaultAttempts)
    {
        Produce(source, name, task, rows, seed);
        Run(source, name, partition, attempts);
        return Rows(source.File(name));
    }

    private static void Run(
        TestSource source,
        string name,
        string? partition = null,
        int attempts = Retry.DefaultAttempts,
        TimeProvider? time = null)
    {
        var file = source.File(name);
        var shape = new ResultShape(
            ColumnTypes.Find([file], new Dictionary<string, ColumnType>()),
            Key,
            partition is null ? null : new ResultPartition("task_id", [partition]));
        var options = new SqlWriteOptions { Attempts = attempts, Time = time ?? TimeProvider.System };
        WriteCommand.Run(source.SourceFile, "results", [file], shape, options, NoProgress.Instance);
    }

    /// <summary>A result file: odd ids, scores that are whole after rounding to the seed.</summary>
    private static string Produce(TestSource source, string name, string task, int rows, int seed)
    {
        using var writer =
            TableFile.Create(
                source.File(name),
                [
                    new("task_id", ColumnType.Text),
                    new("user_id", ColumnType.Text),
                    new("item_rank", ColumnType.WholeNumber),
                    new("item_id", ColumnType.Text),
                    new("score", ColumnType.Number),
                ]);
        for (var i = 0; i < rows; i++)
        {
            writer.Write(task);
            writer.Write(i % 5 == 0 ? $"O'Brien \\ \"{i}\" 𝒳客" : $"user {i}");
            writer.Write(1L);
            writer.Write($"p{i % 50}");
            writer.Write(seed + (i * 1e-6 / 3));
            writer.EndRow();
        }

        writer.Complete();
        return source.File(name);
    }

    private static string[] Rows(string file)
    {
        using var reader = TableFile.Open(file);
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, 5).Select(i => reader.Text(i).ToString())));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    /// <summary>The clock of a run on a later day.</summary>
    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
