using System.Text.Json.Nodes;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>With <c>--json</c> standard output is one document, whatever the command and however it ends.</summary>
public sealed class JsonOutputTests
{
    [Theory]
    [InlineData("Engine.Server", 1, "verify", "/nowhere/x.snapshot")]
    [InlineData("Engine.Server", 1, "snapshots", "activate", "x", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "snapshots", "rollback", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 2, "snapshots", "prune", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "publish", "x.csv", "--source", "/nowhere", "--table", "t", "--task", "T1")]
    [InlineData("Engine.Server", 1, "key", "revoke", "x", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "forget", "--snapshots", "/nowhere/at/all", "--user", "x")]
    [InlineData("Engine.Server", 1, "allocate", "--snapshots", "/nowhere", "--products", "x.csv", "--out", "y.csv")]
    [InlineData("Engine.Server", 1, "next-orders", "--snapshots", "/nowhere", "--out", "x.csv")]
    [InlineData("Engine.Server", 1, "deliver", "T1", "--snapshots", "/nowhere", "--to", "/nowhere")]
    [InlineData("Engine.Server", 1, "report", "T1", "--snapshots", "/nowhere", "--html", "x.html")]
    [InlineData("Engine.Server", 1, "snapshots", "list", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "key", "list", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "sweep", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "sweep", "--snapshots", "/nowhere", "--kept-tasks", "1")]
    [InlineData("Engine.Server", 1, "snapshots", "prune", "--snapshots", "/nowhere", "--keep", "1")]
    [InlineData("Engine.Server", 1, "key", "add", "--snapshots", "/nowhere", "--name", "a", "--scopes", "read")]
    [InlineData("Engine.Server", 1, "backup", "/nowhere/at/all.tar", "--snapshots", "/nowhere/at/all")]
    [InlineData("Engine.Server", 1, "restore", "/nowhere/at/all.tar", "--snapshots", "/nowhere/at/all")]
    [InlineData("Engine.Server", 1, "experiment", "save", "--file", "/nowhere/e.json", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "experiment", "delete", "--name", "e", "--snapshots", "/nowhere")]
    [InlineData("Engine.Server", 1, "cluster", "init", "--cluster", "/nowhere/c.json")]
    [InlineData("Engine.Server", 1, "cluster", "status", "--cluster", "/nowhere/c.json")]
    [InlineData("Engine.Server", 1, "cluster", "forget", "x", "--cluster", "/nowhere/c.json")]
    [InlineData("Trainer", 1, "init", "/nowhere/b.csv", "/nowhere/p.csv")]
    [InlineData("Trainer", 1, "train", "--dataset", "/nowhere/d.json", "--out", "/nowhere")]
    [InlineData("Trainer", 2, "train", "--out", "/nowhere")]
    [InlineData("Trainer", 1, "status", "--out", "/nowhere")]
    [InlineData("Trainer", 1, "update", "--out", "/nowhere")]
    [InlineData("Trainer", 1, "unpublish", "--out", "/nowhere")]
    [InlineData("Trainer", 1, "report", "/nowhere/x.snapshot")]
    [InlineData("Trainer", 1, "generate", "--out", "/nowhere", "--last-day", "today")]
    [InlineData("Trainer", 1, "extract", "--dataset", "/nowhere/d.json", "--out", "/nowhere")]
    [InlineData("Trainer", 1, "source", "check", "/nowhere/s.json")]
    [InlineData("Trainer", 1, "source", "load", "/nowhere/s.json", "--dataset", "/nowhere/d.json", "--out", "x")]
    [InlineData("Trainer", 1, "source", "write", "/nowhere/s.json", "/nowhere/t.csv", "--table", "t")]
    [InlineData("Trainer", 1, "source", "compare", "/nowhere/s.json", "/nowhere/t.csv", "--table", "t")]
    [InlineData("Trainer", 2, "source", "chek")]
    public async Task An_error_is_a_document_too(string program, int code, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramOutput.Of(
            "dotnet", [ProgramOutput.Built(program), .. folder.Within(arguments), "--json"]);
        Assert.False(Directory.Exists(folder.File("nowhere")), "what is refused makes no folder");
        Assert.True(run.ExitCode == code, $"found {run.ExitCode}, expected {code}: {run.Error}{run.Output}");
        var error = JsonNode.Parse(run.Output)!.AsObject()["error"]!;
        Assert.Equal(code, (int)error["exit_code"]!);
        Assert.Contains((string)error["message"]!, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_brand_goes_its_way_in_documents()
    {
        using var folder = new TemporaryFolder();
        var (brand, snapshots) = (folder.File("brand"), folder.File("snapshots"));
        await Keys("Trainer", ["behaviors", "products", "mapping", "bad_behaviors", "bad_products"],
            "generate", "--size", "tiny", "--out", brand);
        var mapping = await Keys("Trainer", ["mapping", "guesses", "open", "not_looked_at"],
            "init", $"{brand}/behavior.csv", $"{brand}/product.csv", "--out", folder.File("dataset.json"));
        Assert.Empty(mapping["open"]!.AsArray());
        Assert.Equal("behavior.user_id", (string)mapping["guesses"]![0]!["role"]!);

        var train = await Run(
            "Trainer", "train", "--dataset", folder.File("dataset.json"), "--out", snapshots, "--factors", "8",
            "--epochs", "2");
        var report = await Run("Trainer", "report", snapshots);
        Assert.Equal(report.ToJsonString(), train.ToJsonString());
        var update = await Run("Trainer", "update", "--out", snapshots);
        Assert.NotEqual((string)train["snapshot_id"]!, (string)update["snapshot_id"]!);

        var id = (string)train["snapshot_id"]!;
        var rollback = await Keys("Engine.Server", ["workspace", "current", "before"],
            "snapshots", "rollback", "--snapshots", snapshots);
        Assert.Equal((id, (string)update["snapshot_id"]!), ((string)rollback["current"]!, (string)rollback["before"]!));
        var activate = await Keys("Engine.Server", ["workspace", "current", "before"],
            "snapshots", "activate", id, "--snapshots", snapshots);
        Assert.Equal(id, (string)activate["current"]!);
        var verify = await Keys(
            "Engine.Server",
            ["snapshot_id", "path", "sections", "bytes", "known_answers"], "verify", snapshots);
        Assert.Equal(new FileInfo((string)verify["path"]!).Length, (long)verify["bytes"]!);
        folder.Write("offers.csv", "product_id,stock\nCOF-00001,5\nCOF-00002,5\n");
        var allocation = await Run(
            "Engine.Server", "allocate", "--snapshots", snapshots, "--products", folder.File("offers.csv"),
            "--out", folder.File("contacts.csv"));
        Assert.Equal(10, (int)allocation["contacts"]!);
        Assert.Equal(
            ["COF-00001", "COF-00002"],
            allocation["products"]!.AsArray().Select(product => (string)product!["product_id"]!));
        var orders = await Keys("Engine.Server", ["snapshot_id", "within_days", "rows", "path"],
            "next-orders", "--snapshots", snapshots, "--out", folder.File("orders.csv"));
        Assert.Equal(File.ReadLines(folder.File("orders.csv")).Count() - 1, (int)orders["rows"]!);
        await Run("Engine.Server", "batch", "--snapshots", snapshots, "--top", "3", "--out", folder.File("top.csv"));
        var page = await Keys("Engine.Server", ["snapshot_id", "has_lift", "path"],
            "report", folder.File("top.csv"), "--snapshots", snapshots, "--html", folder.File("page.html"));
        Assert.True(File.Exists((string)page["path"]!));
        var backup = await Keys("Engine.Server", ["path", "workspaces", "files", "bytes", "created", "deleted"],
            "backup", folder.File("b.tar"), "--snapshots", snapshots);
        Assert.Equal(backup.ToJsonString(), (await Run("Engine.Server", "restore", folder.File("b.tar"), "--check"))
            .ToJsonString());
        var restored = await Keys("Engine.Server", ["workspaces", "snapshots", "replaced"],
            "restore", folder.File("b.tar"), "--snapshots", folder.File("again"));
        Assert.Equal("default", (string)restored["workspaces"]![0]!);
        folder.Write("hero.json", """{"name": "hero", "top_k": 2}""");
        folder.Write("trial.json", """{"name": "trial", "arms": [{"name": "now", "placement": "hero", "share": 1}]}""");
        Directory.CreateDirectory(Path.Combine(snapshots, "default", "shown"));
        await File.WriteAllTextAsync(
            Path.Combine(snapshots, "default", "shown", "shown.jsonl"),
            """{"time": "2025-06-01T00:00:00Z", "experiment": "trial", "arm": "now","""
            + """ "user": "C0000002", "products": ["COF-00001"]}""" + "\n");
        await Run("Engine.Server", "placement", "save", "--file", folder.File("hero.json"), "--snapshots", snapshots);
        await Run("Engine.Server", "experiment", "save", "--file", folder.File("trial.json"), "--snapshots", snapshots);
        var experiments = await Run("Engine.Server", "experiment", "list", "--snapshots", snapshots);
        Assert.Equal("now", (string)experiments["experiments"]![0]!["arms"]![0]!["name"]!);
        var trial = await Keys("Engine.Server", ["experiment", "days", "arms", "notes"],
            "experiment", "report", "--name", "trial", "--snapshots", snapshots, "--dataset", $"{brand}/dataset.json");
        Assert.Equal("COF-00001", (string)trial["arms"]![0]!["products"]![0]!["product_id"]!);
        await Run("Engine.Server", "experiment", "delete", "--name", "trial", "--snapshots", snapshots);
        var key = await Keys(
            "Engine.Server", ["key", "id"], "key", "add", "--snapshots", snapshots, "--name", "n", "--scopes", "read");
        var keys = await Keys("Engine.Server", ["keys"], "key", "list", "--snapshots", snapshots);
        Assert.Equal((string)key["id"]!, (string)keys["keys"]![0]!["id"]!);
        Assert.DoesNotContain("hash", keys.ToJsonString(), StringComparison.Ordinal);
        await Keys("Engine.Server", ["revoked"], "key", "revoke", (string)key["id"]!, "--snapshots", snapshots);
        var forgotten = await Run("Engine.Server", "forget", "--snapshots", snapshots, "--user", "C0000001");
        Assert.Equal(0, (int)forgotten["rows"]!);
        folder.Write("engine.json", "{}");
        Assert.Empty((await Keys("Engine.Server", ["file", "problems"], "config", "check", folder.File("engine.json")))
            ["problems"]!.AsArray());
        Assert.Empty((await Keys("Engine.Server", ["workspace", "deleted"],
            "snapshots", "prune", "--snapshots", snapshots, "--keep", "5"))["deleted"]!.AsArray());
        var sweep = await Keys("Engine.Server", ["workspaces", "dry_run"],
            "sweep", "--snapshots", snapshots, "--kept-tasks", "5", "--dry-run");
        Assert.Equal("default", (string)sweep["workspaces"]![0]!["workspace"]!);
        Assert.Equal(
            "TrainingSuccessful",
            (string)(await Keys("Trainer", ["state", "serving", "runs"], "status", "--out", snapshots))["state"]!);
        var unpublish =
            await Keys("Trainer", ["workspace", "serving", "snapshots"], "unpublish", "--out", snapshots);
        Assert.Null(unpublish["serving"]);
        Assert.Equal(2, unpublish["snapshots"]!.AsArray().Count);
    }

    private static async Task<JsonObject> Keys(string program, string[] keys, params string[] arguments)
    {
        var document = await Run(program, arguments);
        Assert.Equal(keys, document.Select(pair => pair.Key));
        return document;
    }

    private static async Task<JsonObject> Run(string program, params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built(program), .. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.Error}{run.Output}");
        return JsonNode.Parse(run.Output)!.AsObject();
    }
}
