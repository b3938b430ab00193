using Engine.Snapshots.Writing;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>Both programs end with 0, 1 or 2 in the same way, and print JSON with snake_case names.</summary>
public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("Engine.Server", 0, "--help")]
    [InlineData("Engine.Server", 1, "verify", "/nowhere/x.snapshot")]
    [InlineData("Engine.Server", 1, "batch", "--snapshots", "/nowhere", "--out", "x.csv")]
    [InlineData("Engine.Server", 2, "verfy")]
    [InlineData("Engine.Server", 2, "batch", "--out", "x.csv")]
    [InlineData("Engine.Server", 2, "query", "recommend", "--snapshot", "x", "--top", "many")]
    [InlineData("Trainer", 0, "train", "--help")]
    [InlineData("Trainer", 1, "report", "/nowhere/x.snapshot")]
    [InlineData("Trainer", 1, "generate", "--out", "/nowhere", "--last-day", "today")]
    [InlineData("Trainer", 1, "generate", "--out", "x", "--size", "tiny", "--last-day", "2149-06-07")]
    [InlineData("Trainer", 2, "train", "--dataset", "x.json")]
    [InlineData("Trainer", 2, "evaluate", "--train", "a", "--test", "b", "--k", "ten")]
    [InlineData("Trainer", 2, "status", "--out", "x", "--no-such-option")]
    public async Task A_program_ends_with_the_documented_code(string program, int code, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built(program), .. folder.Within(arguments)]);
        Assert.True(run.ExitCode == code, $"found {run.ExitCode}, expected {code}: {run.Error}{run.Output}");
        Assert.Equal(code != 0, run.Error.Length > 0);
    }

    [Theory]
    [InlineData("Engine.Server", "holdout", "--users", "1000", "--base-rate", "0.1", "--lift", "0,2")]
    [InlineData("Engine.Server", "audience", "save", "--snapshots", "x", "--name", "a", "--least-score", "-4,5")]
    [InlineData("Engine.Server", "batch", "--snapshots", "x", "--out", "x.csv", "--holdout-share", "0,4")]
    [InlineData("Trainer", "train", "--dataset", "x.json", "--out", "x", "--regularization", "0,003")]
    [InlineData("Trainer", "train", "--dataset", "x.json", "--out", "x", "--half-life", "1,000")]
    public async Task A_comma_in_a_number_is_wrong_usage_and_no_other_number(string program, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built(program), .. folder.Within(arguments)]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            $"found '{arguments[^1]}' as {arguments[^2]}; expected a number with a decimal point", run.Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audience save --snapshots x --name a --did purchase --at-least 0", "found --at-least 0; expected 1")]
    [InlineData("audience save --snapshots x --name a --churn-risk 0.5 --order-within 0", "found --order-within 0;")]
    [InlineData("query next-order --snapshot x --user u --within 0", "found --within 0; expected 1 or more")]
    [InlineData("next-orders --snapshots x --out x.csv --within -1", "found --within -1; expected 1 or more")]
    [InlineData("lift T1 --snapshots x --dataset x --days 0", "found --days 0; expected 1 or more")]
    [InlineData("audit --snapshots x --last 0", "found --last 0; expected 1 or more")]
    [InlineData("audience save --snapshots x --name a --union b --minus c d", "found --union and --minus; expected one")]
    [InlineData("audience save --snapshots x --name a --ids i.csv --did view", "found --ids and --did; expected one")]
    [InlineData("audience save --snapshots x --name a --did view --best 3", "--best without --from-result or --from-task")]
    [InlineData("audience save --snapshots x --name a --ids i.csv --within-days 3", "found --within-days without --did;")]
    [InlineData("report T1 --snapshots x --html x.html --days 3", "found --days without --dataset; it would change")]
    [InlineData("batch --snapshots x --out x.csv --holdout-seed 3", "found --holdout-seed without --holdout-share;")]
    [InlineData("query recommend --snapshot x --user u --pool-rule ", "found --pool-rule without a value ('').")]
    [InlineData("audience save --snapshots x --name a --did view --products ", "found --products without a value")]
    public async Task An_option_that_would_change_nothing_is_wrong_usage(string command, string sentence)
    {
        var run = await ProgramOutput.OfEngine(command.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01/02/2027")]
    [InlineData("23:59")]
    [InlineData("2127-01-31T00:00:00")]
    public async Task A_key_expires_at_a_time_that_can_be_read_in_one_way_alone(string time)
    {
        using var folder = new TemporaryFolder();
        var run = await ProgramOutput.OfEngine(
            "key", "add", "--snapshots", folder.Path, "--name", "shop", "--scopes", "read", "--expires", time);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            $"found --expires = '{time}', expected a time with its offset", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_saved_is_listed_without_a_look_at_the_snapshot()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("default"));
        await File.WriteAllTextAsync(folder.File("default/CURRENT"), "s\n");
        await File.WriteAllTextAsync(folder.File("default/s.snapshot"), "no snapshot");
        var list = await ProgramOutput.OfEngine("experiment", "list", "--snapshots", folder.Path, "--json");
        Assert.True(list.ExitCode == 0, list.Error);
        var typo = await ProgramOutput.OfEngine("pool", "list", "--snapshots", folder.File("nowhere"));
        Assert.Equal(1, typo.ExitCode);
        var counted = await ProgramOutput.OfEngine("pool", "list", "--snapshots", folder.Path);
        Assert.True(counted.ExitCode == 0, counted.Error);
        var asked = await ProgramOutput.OfEngine("query", "recommend", "--snapshots", folder.Path, "--user", "u");
        Assert.Equal(1, asked.ExitCode);
    }

    [Fact]
    public async Task A_batch_says_in_json_what_it_wrote_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("small.snapshot");
        SnapshotWriter.Write(path, RandomSnapshot.Content(seed: 1));
        var run = await ProgramOutput.OfEngine(
            "batch", "--snapshots", path, "--pool", "product_id = 'P3'", "--best", "5", "--out",
            folder.File("best.csv"), "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var json = System.Text.Json.Nodes.JsonNode.Parse(run.Output)!;
        Assert.Equal(
            (5, 40, true), ((int)json["rows"]!, (int)json["audience_in_scope"]!, (bool)json["single_product"]!));
        Assert.Equal(
            ["user_id", "item_id", "score", "probability", "percentile", "item_name"],
            json["columns"]!.AsArray().Select(column => (string)column!));
        Assert.Equal(6, File.ReadAllLines(folder.File("best.csv")).Length);

        var split = await ProgramOutput.OfEngine(
            "batch", "--snapshots", path, "--top", "1", "--holdout-share", "0.5", "--out", folder.File("sent.csv"),
            "--json");
        Assert.True(split.ExitCode == 0, split.Error);
        var groups = System.Text.Json.Nodes.JsonNode.Parse(split.Output)!;
        Assert.Equal(40, (int)groups["rows"]! + (int)groups["held_out"]!["rows"]!);
        Assert.EndsWith("sent.holdout.csv", (string)groups["held_out"]!["path"]!, StringComparison.Ordinal);

        var lists = await ProgramOutput.OfEngine(
            "batch", "--snapshots", path, "--best", "5", "--out", folder.File("lists.csv"));
        Assert.Equal(1, lists.ExitCode);
        Assert.Contains(
            "--best is for a pool of exactly one product; found 30 products", lists.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_json_when_asked_and_breaks_no_word_in_a_pipe()
    {
        using var folder = new TemporaryFolder();
        var workspace = Directory.CreateDirectory(folder.File("default")).FullName;
        var reason = "a reason that is longer than a terminal is wide: "
            + string.Join(' ', Enumerable.Repeat("incomprehensibilities", 60));
        await File.WriteAllTextAsync(
            Path.Combine(workspace, "MODEL.json"),
            $$"""{"state":"TrainingFailed","runs":[{"kind":"train","state":"TrainingFailed","started":"2026-01-02T03:04:05+00:00","ended":"2026-01-02T03:05:05+00:00","process_id":7,"machine":"m","error":"{{reason}}"}]}""");
        var text = await ProgramOutput.Of("dotnet", ProgramOutput.Built("Trainer"), "status", "--out", folder.Path);
        Assert.True(text.ExitCode == 0, text.Error);
        Assert.Contains(reason, text.Output, StringComparison.Ordinal);
        var json =
            await ProgramOutput.Of("dotnet", ProgramOutput.Built("Trainer"), "status", "--out", folder.Path, "--json");
        var run = System.Text.Json.Nodes.JsonNode.Parse(json.Output)!["runs"]![0]!;
        Assert.Equal(
            ("TrainingFailed", reason, true),
            ((string)run["state"]!, (string)run["error"]!, run.AsObject().ContainsKey("snapshot_id")));
    }
}
