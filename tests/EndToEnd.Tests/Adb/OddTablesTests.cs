using System.Text.Json.Nodes;
using Trainer.Data.Sources;

namespace EndToEnd.Tests.Adb;

/// <summary>Tables as brands have them: sums instead of rows, unsigned epochs, ids that end in a space.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class OddTablesTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task Rows_and_their_sums_give_the_same_lists_to_the_last_digit()
    {
        using var source = await TestSource.Create(server, 100);
        await Run("Trainer", "generate", "--size", "tiny", "--out", source.File("brand"));
        await Run(
            "Trainer",
            "source",
            "load",
            source.SourceFile,
            "--dataset",
            source.File("brand/dataset.json"),
            "--out",
            source.DatasetFile);
        var rows = await Lists("rows");
        var sums = await Lists("sums", "--aggregate");
        Assert.True(rows.Length > 1000, $"{rows.Length} lines");
        Assert.Equal(rows, sums);

        async Task<string[]> Lists(string name, params string[] aggregate)
        {
            await Run(
                "Trainer", ["extract", "--dataset", source.DatasetFile, "--out", source.File(name), .. aggregate]);
            var snapshots = source.File($"{name}.snapshots");
            await Run(
                "Trainer", "train", "--dataset", source.File(name), "--out", snapshots, "--factors", "8", "--epochs",
                "2");
            var lists = source.File($"{name}.csv");
            await Run("Engine.Server", "batch", "--snapshots", snapshots, "--top", "10", "--out", lists);
            return await File.ReadAllLinesAsync(lists);
        }
    }

    [MariaDbFact]
    public async Task Unsigned_epochs_are_numbers_in_slices_and_sums()
    {
        using var source = await TestSource.Create(server, 5000);
        await source.Execute(
            "CREATE TABLE epochs AS SELECT kind, UNIX_TIMESTAMP(happened) DIV 1 AS happened, customer, item, n "
            + "FROM shopping WHERE happened IS NOT NULL",
            "ALTER TABLE epochs MODIFY happened BIGINT UNSIGNED",
            "INSERT INTO epochs SELECT kind, happened - happened % 86400 + 7, customer, item, n FROM epochs");
        var mapping = JsonNode.Parse(await File.ReadAllTextAsync(source.DatasetFile))!;
        mapping["behavior"]!["table"] = "epochs";
        mapping["behavior"]!["time_format"] = "unix_seconds";
        await File.WriteAllTextAsync(source.DatasetFile, mapping.ToJsonString());
        const string Cells = "CONCAT_WS('|', kind, {0}, customer, item, IFNULL({1}, ''))";
        var truth =
            await server.Rows($"SELECT {string.Format(null, Cells, "happened", "n")} FROM epochs", source.Database);
        var (manifest, _) = source.Extract("rows", new ExtractOptions { SliceRows = 1000 });
        Assert.True(manifest.Behavior.Count > 3, $"{manifest.Behavior.Count} slices");
        Assert.Equal(truth, source.Extracted("rows"));

        source.Extract("sums", new ExtractOptions { Aggregate = true });
        var sums = await server.Rows(
            $"""
            SELECT {string.Format(null, Cells, "happened", "n")} FROM epochs WHERE kind = 'buy'
            UNION ALL SELECT {string.Format(null, Cells, "MAX(happened)", "SUM(IFNULL(n, 1))")} FROM epochs
            WHERE kind = 'see' GROUP BY kind, BINARY customer, item, happened DIV 86400
            """,
            source.Database);
        Assert.True(sums.Length < truth.Length);
        Assert.Equal(sums, source.Extracted("sums"));
    }

    [MariaDbFact]
    public async Task Ids_that_differ_by_a_space_at_the_end_are_written_as_two()
    {
        using var source = await TestSource.Create(server, 2000);
        await source.Execute(
            "ALTER TABLE shopping MODIFY customer VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "UPDATE shopping SET customer = IF(item < 'p20', 'abc', 'abc ') WHERE customer < '客3'");
        await Run("Trainer", "extract", "--dataset", source.DatasetFile, "--out", source.File("x"));
        await Run(
            "Trainer", "train", "--dataset", source.File("x"), "--out", source.File("s"), "--factors", "8", "--epochs",
            "1");
        await Run(
            "Engine.Server", "batch", "--snapshots", source.File("s"), "--top", "3", "--out", "table", "--source",
            source.SourceFile, "--table", "results", "--task", "T1");
        Assert.Equal(
            ["[abc ]|3", "[abc]|3"],
            await server.Rows(
                "SELECT CONCAT('[', user_id, ']'), COUNT(*) FROM results WHERE user_id LIKE "
                + "'abc%' GROUP BY BINARY user_id",
                source.Database));
    }

    [MariaDbFact]
    public async Task A_decimal_comma_is_refused_for_a_column_of_decimals_and_read_in_text()
    {
        using var source = await TestSource.Create(server, 100);
        await source.Execute("ALTER TABLE goods ADD price DECIMAL(9, 3) DEFAULT 1.234, ADD old TEXT DEFAULT '1.234,5'");
        var mapping = JsonNode.Parse(await File.ReadAllTextAsync(source.DatasetFile))!;
        mapping["product"]!["decimal_comma"] = true;
        foreach (var column in new[] { "price", "old" })
        {
            mapping["product"]!["tags"] = new JsonArray(new JsonObject { ["column"] = column, ["type"] = "number" });
            await File.WriteAllTextAsync(source.DatasetFile, mapping.ToJsonString());
            var run = await ProgramOutput.Of(
                "dotnet", ProgramOutput.Built("Trainer"), "extract", "--dataset", source.DatasetFile, "--out",
                source.File(column));
            Assert.Equal(column == "price" ? 1 : 0, run.ExitCode);
            Assert.Equal(
                column == "price",
                run.Error.Contains("'price' of goods has the type DECIMAL, which has no decimal comma",
                    StringComparison.Ordinal));
        }
    }

    [MariaDbFact]
    public async Task The_mapping_of_two_tables_is_guessed_from_the_database()
    {
        using var source = await TestSource.Create(server, 2000);
        var output = source.File("guessed.json");
        await source.Execute("UPDATE shopping SET kind = 'view' WHERE kind = 'see'");
        string[] tables = ["--source", source.SourceFile, "--behavior-table", "shopping", "--product-table", "goods"];
        await Run("Trainer", ["init", .. tables, "--out", output]);
        var guessed = JsonNode.Parse(await File.ReadAllTextAsync(output))!;
        var behavior = guessed["behavior"]!;
        Assert.Equal(
            ["shopping", "customer", "item", "kind", "happened", "purchase", "view", "goods", "code", "title"],
            new[]
            {
                behavior["table"], behavior["user_id"], behavior["product_id"], behavior["type"], behavior["time"],
                behavior["types"]!["buy"], behavior["types"]!["view"], guessed["product"]!["table"],
                guessed["product"]!["product_id"], guessed["product"]!["product_name"],
            }.Select(node => (string?)node));
        await Run("Trainer", "source", "check", source.SourceFile, "--dataset", output);
    }

    private static async Task<string> Run(string program, params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built(program), .. arguments]);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.Output}{run.Error}");
        return run.Output;
    }
}
