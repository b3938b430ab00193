using System.Diagnostics;
using Engine;
using Trainer.Data.Sources;

namespace EndToEnd.Tests.Adb;

/// <summary>Extraction gives the source's rows, each once, whatever breaks on the way.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class ExtractTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task An_extract_holds_each_row_once()
    {
        using var source = await TestSource.Create(server);
        var (manifest, repeats) = source.Extract("x");
        Assert.Equal((60_000, 40, 0), (manifest.BehaviorRows, manifest.ProductRows, repeats));
        Assert.True(manifest.Behavior.Count > 10, $"{manifest.Behavior.Count} slices");
        Assert.Equal(await source.Truth(), source.Extracted("x"));
        Assert.False(File.Exists(Path.Combine(source.File("x"), "plan.json")));
        var e = Assert.Throws<InputException>(() => source.Extract("x"));
        Assert.Contains("holds a whole extract already", e.Message, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task Rows_later_than_the_latest_time_at_the_start_are_left_out()
    {
        using var source = await TestSource.Create(server, 20_000);
        var truth = await source.Truth();
        var added = 0;
        using var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
        {
            if (fromServer && total > 100_000 && Interlocked.Exchange(ref added, 1) == 0)
            {
                source.Execute("INSERT INTO shopping VALUES ('late', 'p1', 'buy', '2030-01-01', 1, NULL)")
                    .GetAwaiter()
                    .GetResult();
            }

            return ProxyAct.Pass;
        });
        source.Write(proxy.Port);
        source.Extract("x");
        Assert.Equal(1, added);
        Assert.Equal(truth, source.Extracted("x"));
    }

    /// <summary>
    /// Ids that differ in case alone are different users, even where the table's collation says otherwise.
    /// </summary>
    [MariaDbFact]
    public async Task An_aggregated_extract_holds_the_sums_by_day_and_purchases_row_by_row()
    {
        using var source = await TestSource.Create(server, 20_000);
        await source.Execute(
            "ALTER TABLE shopping MODIFY customer VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            "INSERT INTO shopping VALUES ('ab', 'p1', 'see', '2024-02-01 10:00:00', 2, NULL), ('AB', 'p1', 'see', "
            + "'2024-02-01 11:00:00', 3, NULL), ('ab', 'p1', 'see', '2024-02-01 23:59:59', NULL, NULL), "
            + "('ab', 'p1', 'see', '2024-02-01 12:00:00', 0, NULL), ('ab', 'p1', 'buy', '2024-02-01 12:00:00', 1, "
            + "NULL), ('ab', 'p1', 'buy', '2024-02-01 12:00:00', 1, NULL)");
        var (manifest, _) = source.Extract("x", new ExtractOptions { Aggregate = true });
        var truth = await server.Rows(
            """
            SELECT kind, DATE_FORMAT(happened, '%Y-%m-%dT%H:%i:%s'), customer, item, n FROM shopping WHERE kind = 'buy' OR n < 1
            UNION ALL SELECT kind, DATE_FORMAT(MAX(happened), '%Y-%m-%dT%H:%i:%s'), MAX(customer), item, SUM(IFNULL(n, 1)) FROM shopping
            WHERE kind = 'see' AND IFNULL(n, 1) > 0 GROUP BY kind, BINARY customer, item, DATE(happened)
            """, source.Database);
        Assert.Equal(truth, source.Extracted("x"));
        Assert.Equal(truth.Length, manifest.BehaviorRows);
        Assert.Contains("see|2024-02-01T23:59:59|ab|p1|3", truth);
        Assert.Contains("see|2024-02-01T11:00:00|AB|p1|3", truth);
        var small = source.Extract("slices", new ExtractOptions { Aggregate = true, SliceRows = 1000 }).Manifest;
        Assert.True(
            small.Behavior.Count > 5 && small.BehaviorRows >= manifest.BehaviorRows,
            $"{small.BehaviorRows} rows in {small.Behavior.Count} slices");
        Assert.Equal(Sum(source.Extracted("x")), Sum(source.Extracted("slices")));

        static long Sum(string[] rows) =>
            rows.Sum(
                row => row.Split('|')[4] is { Length: > 0 } n
                    ? long.Parse(n, System.Globalization.CultureInfo.InvariantCulture)
                    : 1);
    }

    [MariaDbFact]
    public async Task A_slice_that_changes_is_read_again()
    {
        using var source = await TestSource.Create(server, 20_000);
        var added = 0;
        using var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
        {
            if (fromServer && total > 600_000 && Interlocked.Exchange(ref added, 1) == 0)
            {
                source.Execute("INSERT INTO shopping VALUES ('late', 'p1', 'buy', '2024-01-01 00:00:01', 1, NULL)")
                    .GetAwaiter()
                    .GetResult();
            }

            return ProxyAct.Pass;
        });
        source.Write(proxy.Port);
        source.Extract("x", new ExtractOptions { SliceRows = 2000, Streams = 1 });
        Assert.Equal(1, added);
        Assert.Equal(await source.Truth(), source.Extracted("x"));
    }

    [MariaDbFact]
    public async Task A_server_killed_and_restarted_in_the_middle_loses_and_doubles_nothing()
    {
        using var source = await TestSource.Create(server);
        Task? restart = null;
        using var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
        {
            if (fromServer && total > 800_000 && restart is null)
            {
                restart = Task.CompletedTask;
                server.Kill();
                restart = server.Start();
            }

            return ProxyAct.Pass;
        });
        source.Write(proxy.Port);
        var (_, repeats) = source.Extract("x");
        await restart!;
        Assert.True(repeats > 0);
        Assert.Equal(await source.Truth(), source.Extracted("x"));
    }

    [MariaDbFact]
    public async Task Connections_that_are_cut_again_and_again_lose_and_double_nothing()
    {
        using var source = await TestSource.Create(server);
        long next = 150_000;
        using var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
        {
            var limit = Interlocked.Read(ref next);
            return fromServer && total > limit && Interlocked.CompareExchange(ref next, limit + 400_000, limit) == limit
                ? ProxyAct.Cut
                : ProxyAct.Pass;
        });
        source.Write(proxy.Port);
        var (_, repeats) = source.Extract("x");
        Assert.True(repeats > 2, $"{repeats} repeats");
        Assert.Equal(await source.Truth(), source.Extracted("x"));
    }

    [MariaDbFact]
    public async Task A_killed_extract_goes_on_where_it_was()
    {
        using var source = await TestSource.Create(server);
        var hold = 0;
        using var proxy = new FaultyProxy(
            server.Port,
            (fromServer, total) => fromServer && total > 1_500_000 && hold == 0 ? ProxyAct.Stall : ProxyAct.Pass);
        source.Write(proxy.Port);
        var start = new ProcessStartInfo(
            "dotnet",
            [
                ProgramOutput.Built("Trainer"),
                "extract",
                "--dataset",
                source.DatasetFile,
                "--out",
                source.File("x"),
                "--slice-rows",
                "3000",
                "--streams",
                "1",
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using (var process = Process.Start(start)!)
        {
            var behavior = Path.Combine(source.File("x"), "behavior");
            for (var i = 0; i < 600
                && !(Directory.Exists(behavior) && Directory.GetFiles(behavior, "*.json").Length >= 3); i++)
            {
                await Task.Delay(100);
            }

            process.Kill();
            await process.WaitForExitAsync();
            Assert.False(File.Exists(Path.Combine(source.File("x"), "manifest.json")));
            var e = Assert.Throws<InputException>(() => source.Extracted("x"));
            Assert.Contains("it goes on where it was", e.Message, StringComparison.Ordinal);
            var finished = Directory
                .GetFiles(behavior, "*.parquet")
                .ToDictionary(file => file, File.GetLastWriteTimeUtc);
            hold = 1;
            source.Extract("x", new ExtractOptions { SliceRows = 3000 });
            Assert.True(
                finished.Count(pair => File.GetLastWriteTimeUtc(pair.Key) == pair.Value) >= 3,
                "finished slices were read again");
        }

        Assert.Equal(await source.Truth(), source.Extracted("x"));
        Assert.Empty(Directory.GetFiles(Path.Combine(source.File("x"), "behavior"), "*.tmp"));
    }

    [MariaDbFact]
    public async Task A_silent_server_is_given_up_with_the_limit_in_the_message()
    {
        using var source = await TestSource.Create(server, 20_000);
        var stalls = 0;
        using var proxy = new FaultyProxy(server.Port, (fromServer, total) =>
            fromServer && total > 300_000 && Interlocked.Increment(ref stalls) == 1 ? ProxyAct.Stall : ProxyAct.Pass);
        source.Write(proxy.Port, more: new { query_seconds = 1, connect_seconds = 5 });
        var e = Assert.ThrowsAny<Engine.Tables.Rows.TableException>(
            () => source.Extract("x", new ExtractOptions { Attempts = 1, SliceRows = 2000 }));
        // Whichever it was doing with the connection that fell silent.
        Assert.Matches("(query|connect)_seconds", e.Message);
    }

    [MariaDbFact]
    public async Task A_server_that_falls_silent_for_all_is_given_up()
    {
        using var source = await TestSource.Create(server, 20_000);
        using var proxy = new FaultyProxy(
            server.Port, (fromServer, total) => fromServer && total > 300_000 ? ProxyAct.Stall : ProxyAct.Pass);
        source.Write(proxy.Port, more: new { query_seconds = 1, connect_seconds = 5 });
        var e = Assert.ThrowsAny<Engine.Tables.Rows.TableException>(
            () => source.Extract("x", new ExtractOptions { Attempts = 1, SliceRows = 2000 }));
        Assert.Matches("(query|connect)_seconds", e.Message);
    }

    [MariaDbFact]
    public async Task A_file_that_was_touched_is_refused()
    {
        using var source = await TestSource.Create(server, 20_000);
        var (manifest, _) = source.Extract("x");
        var file = Path.Combine(source.File("x"), manifest.Behavior[0].Path);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        var e = Assert.Throws<InputException>(() => source.Extracted("x"));
        Assert.Contains("not the file that was extracted", e.Message, StringComparison.Ordinal);
    }
}
