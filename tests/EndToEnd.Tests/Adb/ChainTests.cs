namespace EndToEnd.Tests.Adb;

/// <summary>
/// The README's chain, by its commands: a generated brand is loaded, checked, extracted, trained and served; task
/// results and an audience are written back, and the tables equal the files row for row.
/// </summary>
[Collection(nameof(MariaDbServer))]
public sealed class ChainTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task A_brand_goes_from_the_database_to_results_in_the_database()
    {
        using var source = await TestSource.Create(server, 100);
        await Trainer("generate", "--size", "tiny", "--out", source.File("brand"));
        await Trainer(
            "source",
            "load",
            source.SourceFile,
            "--dataset",
            source.File("brand/dataset.json"),
            "--out",
            source.DatasetFile,
            "--streams",
            "3");
        Contains(
            await Trainer(
                "source", "compare", source.SourceFile, source.File("brand/behavior.csv"), "--table", "behavior"),
            "equal, row for row");
        Contains(
            await Trainer(
                "source", "compare", source.SourceFile, source.File("brand/product.csv"), "--table", "product"),
            "equal, row for row");
        Contains(
            await Trainer("source", "check", source.SourceFile, "--dataset", source.DatasetFile),
            "The source can be used.");
        await Trainer("extract", "--dataset", source.DatasetFile, "--out", source.File("x"));
        await Trainer(
            "train", "--dataset", source.File("x"), "--out", source.File("snapshots"), "--factors", "8", "--epochs",
            "2");

        string[] model = ["--snapshots", source.File("snapshots")];
        string[] results = ["--source", source.SourceFile, "--table", "results", "--task"];
        foreach (var (task, file, top) in new[]
        {
            ("T1", "one.parquet", "7"),
            ("T2", "two.csv", "3"),
            ("T1", "again.csv", "4"),
        })
        {
            Contains(
                await Engine(["batch", .. model, "--top", top, "--out", source.File(file), .. results, task]),
                $"rows of task {task} published in results, count verified");
            await Compare(source, file, "results", $"task_id={task}");
        }

        await Compare(source, "two.csv", "results", "task_id=T2");
        Contains(
            await Engine(["batch", .. model, "--top", "3", "--out", "table", .. results, "T3"]),
            "rows of task T3 published in results, count verified");
        Assert.False(File.Exists("results.T3.parquet"));
        Assert.Equal(
            await server.Rows(
                "SELECT user_id, item_rank, item_id FROM results WHERE task_id = 'T2' ORDER BY 1, 2", source.Database),
            await server.Rows(
                "SELECT user_id, item_rank, item_id FROM results WHERE task_id = 'T3' ORDER BY 1, 2", source.Database));
        await Engine(["publish", source.File("one.parquet"), .. results, "T1"]);
        await Compare(source, "one.parquet", "results", "task_id=T1");

        var id =
            (await server.Rows(
                $"SELECT item_id FROM results WHERE task_id = 'T2' AND item_rank = 1 LIMIT 1", source.Database))[0];
        await File.WriteAllTextAsync(source.File("pool.csv"), $"product_id\n{id}\n");
        await Engine(
            [
                "batch",
                .. model,
                "--pool",
                source.File("pool.csv"),
                "--out",
                source.File("single.csv"),
                "--source",
                source.SourceFile,
                "--table",
                "scores",
                "--task",
                "S1",
            ]);
        await Compare(source, "single.csv", "scores", "task_id=S1");
        Assert.Equal([
            "item_id|PRI", "item_name|", "percentile|", "probability|", "score|", "task_id|PRI", "user_id|PRI",
        ], await server.Rows(
            $"SELECT COLUMN_NAME, COLUMN_KEY FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{source.Database}' "
            + "AND TABLE_NAME = 'scores'",
            source.Database));

        await Engine(["audience", "save", .. model, "--name", "客 fans", "--did", "purchase", "--products", id]);
        await Engine(["audience", "save", .. model, "--name", "others", "--did", "purchase", "view"]);
        foreach (var audience in new[] { "客 fans", "others", "客 fans" })
        {
            await Engine(
                [
                    "audience",
                    "export",
                    .. model,
                    "--name",
                    audience,
                    "--out",
                    source.File($"{audience}.csv"),
                    "--source",
                    source.SourceFile,
                    "--table",
                    "audiences",
                ]);
        }

        await Compare(source, "客 fans.csv", "audiences", "audience=客 fans");
        await Compare(source, "others.csv", "audiences", "audience=others");
        Assert.All(
            Directory.GetFiles(source.Folder, "*", SearchOption.AllDirectories),
            file => Assert.False(File.ReadAllBytes(file).AsSpan().IndexOf("7f3e9c"u8) >= 0, file));
    }

    [MariaDbFact]
    public async Task A_comparison_names_the_rows_that_differ()
    {
        using var source = await TestSource.Create(server, 100);
        await File.WriteAllTextAsync(
            source.File("t.csv"),
            "k,n,x,at\na,1,0.1,2024-01-01T10:00:00\nb,,2.50,2024-01-01T10:00:00.120\nc,3,1e-7,\n");
        await Trainer(
            "source", "write", source.SourceFile, source.File("t.csv"), "--table", "t", "--key", "k", "--type",
            "at=time");
        await Compare(source, "t.csv", "t");
        await source.Execute("UPDATE t SET x = 0.2 WHERE k = 'a'", "INSERT INTO t VALUES ('d', 1, 1, NULL)");
        var run = await Run("Trainer", "source", "compare", source.SourceFile, source.File("t.csv"), "--table", "t");
        Assert.Equal(1, run.ExitCode);
        Contains(
            run,
            "3 rows in the files, 4 in t: they DIFFER.",
            "only in the files: a,1,0.1,",
            "only in the table: a,1,0.2,",
            "only in the table: d,1,1,");
        await source.Execute("DROP TABLE t");
        Assert.Equal(
            1,
            (await Run(
                "Trainer", "source", "compare", source.SourceFile, source.File("t.csv"), "--table", "t")).ExitCode);
    }

    [MariaDbFact]
    public async Task A_batch_into_a_table_that_will_not_take_it_is_refused_before_the_work()
    {
        using var source = await TestSource.Create(server, 20_000);
        await Trainer(
            "train", "--dataset", source.DatasetFile, "--out", source.File("snapshots"), "--factors", "8", "--epochs",
            "2");
        string[] batch = ["batch", "--snapshots", source.File("snapshots"), "--out", source.File("r.csv")];
        await source.Execute("CREATE TABLE results (task_id VARCHAR(20) PRIMARY KEY, note TEXT)");
        var run =
            await Run("Engine.Server", [.. batch, "--source", source.SourceFile, "--table", "results", "--task", "T1"]);
        Assert.Equal(1, run.ExitCode);
        Contains(run, "has no column user_id, item_rank, item_id, score");
        run = await Run("Engine.Server", [.. batch, "--table", "results"]);
        Assert.Equal(1, run.ExitCode);
        Contains(run, "--source and --task missing");
        Assert.False(File.Exists(source.File("r.csv")));
    }

    private static async Task Compare(TestSource source, string file, string table, string? where = null)
    {
        string[] part = where is null ? [] : ["--where", where];
        Contains(
            await Trainer(["source", "compare", source.SourceFile, source.File(file), "--table", table, .. part]),
            "equal, row for row");
    }

    private static Task<ProgramOutput> Trainer(params string[] arguments) => Succeed("Trainer", arguments);

    private static Task<ProgramOutput> Engine(params string[] arguments) => Succeed("Engine.Server", arguments);

    private static async Task<ProgramOutput> Succeed(string program, string[] arguments)
    {
        var run = await Run(program, arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.Output}{run.Error}");
        return run;
    }

    /// <summary>Runs a program to its end; none of them prints the password.</summary>
    private static async Task<ProgramOutput> Run(string program, params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built(program), .. arguments]);
        Assert.DoesNotContain("7f3e9c", run.Output + run.Error, StringComparison.Ordinal);
        return run;
    }

    private static void Contains(ProgramOutput run, params string[] words) =>
        Assert.All(words, word => Assert.Contains(word, run.Output + run.Error, StringComparison.Ordinal));
}
