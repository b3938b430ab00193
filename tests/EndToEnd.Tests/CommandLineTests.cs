using Engine.Protos.V1;
using Engine.Snapshots.Writing;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>The engine's program, run as a user runs it.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("Engine.Server", "engine", "query")]
    [InlineData("Trainer", "trainer", "source")]
    public async System.Threading.Tasks.Task Help_names_the_program_as_it_is_installed(
        string built, string name, string command)
    {
        var help = await ProgramOutput.Of("dotnet", ProgramOutput.Built(built), "--help");
        Assert.Contains($"Usage:\n  {name} [command] [options]\n", help.Output, StringComparison.Ordinal);
        help = await ProgramOutput.Of("dotnet", ProgramOutput.Built(built), command, "--help");
        Assert.Contains($"Usage:\n  {name} {command} [command] [options]\n", help.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Engine.Server", "engine/Engine.Server/README.md")]
    [InlineData("Trainer", "trainer/README.md")]
    public async System.Threading.Tasks.Task Every_command_is_in_a_table_of_the_programs_page(string built, string page)
    {
        var help = await ProgramOutput.Of("dotnet", ProgramOutput.Built(built), "--help");
        string[] commands =
        [
            .. help.Output.Split('\n').SkipWhile(line => line != "Commands:").Skip(1)
                .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ')
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]),
        ];
        var cells = string.Concat(
            File.ReadLines(Path.Combine(TestData.Root, page)).Select(line => line.Split(" | ")[0])
                .Where(cell => cell.StartsWith("| `", StringComparison.Ordinal)));
        Assert.True(commands.Length > 10);
        Assert.All(commands, command => Assert.Matches($"`{command}[ `]", cells));
    }

    [Fact]
    public async System.Threading.Tasks.Task Query_gives_the_servers_answers()
    {
        await using var engine = await RunningEngine.Start();
        var folder = Path.GetDirectoryName(engine.Directory.Path)!;
        var recommend = await ProgramOutput.OfEngine(
            "query", "recommend", "--snapshots", folder, "--user", "user-1é", "--top", "5", "--exclude", "P3",
            "--recent", "P4=cart", "--json");
        Assert.True(recommend.ExitCode == 0, recommend.Error);
        var served = await engine.Recommender.RecommendAsync(new RecommendRequest
        {
            UserId = "user-1é",
            TopK = 5,
            ExcludeProductIds = { "P3" },
            Recent = { new RecentBehavior { ProductId = "P4", Type = BehaviorType.Cart } },
        });
        var printed = RecommendReply.Parser.ParseJson(recommend.Output);
        printed.ServerMicros = served.ServerMicros;
        Assert.Equal(served, printed);

        // The same document as HTTP gives, but for the time it took.
        using var question =
            new StringContent(
                """{"userId":"user-1é","topK":5,"excludeProductIds":["P3"],"recent":[{"productId":"P4","type":"BEHAVIOR_TYPE_CART"}]}""",
                System.Text.Encoding.UTF8,
                "application/json");
        using var answer = await engine.Http.PostAsync("/v1/recommend", question);
        var http = RecommendReply.Parser.ParseJson(await answer.Content.ReadAsStringAsync());
        http.ServerMicros = printed.ServerMicros;
        Assert.Equal(http, printed);
        Assert.Contains("\"product_id\": \"P", recommend.Output, StringComparison.Ordinal);

        var table = await ProgramOutput.OfEngine(
            "query", "rank-users", "--snapshot", engine.Directory.Path, "--product", "P1", "--top", "3");
        Assert.True(table.ExitCode == 0, table.Error);
        Assert.Contains("Product number 1 茶", table.Output, StringComparison.Ordinal);
        Assert.Contains("user-", table.Output, StringComparison.Ordinal);
        Assert.Matches("score +│ probability +│ percentile", table.Output);
    }

    [Fact]
    public async System.Threading.Tasks.Task Verify_ends_with_one_and_the_reason_when_a_bit_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("small.snapshot");
        SnapshotWriter.Write(path, RandomSnapshot.WithKnown(RandomSnapshot.Content(seed: 1)));
        var good = await ProgramOutput.OfEngine("verify", path);
        Assert.Equal(0, good.ExitCode);
        Assert.Contains("is valid", good.Output, StringComparison.Ordinal);
        Assert.Contains("76 known answers agree, bit for bit", good.Output, StringComparison.Ordinal);

        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^100] ^= 4;
        await File.WriteAllBytesAsync(path, bytes);
        var bad = await ProgramOutput.OfEngine("verify", path);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("error: ", bad.Error, StringComparison.Ordinal);
        Assert.Contains("is refused", bad.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_port_in_use_is_one_line()
    {
        using var folder = new TemporaryFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var run =
            await ProgramOutput.OfEngine(
                "serve",
                "--snapshots",
                folder.Path,
                "--urls",
                $"http://127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: cannot listen on http://127.0.0.1:", run.Error, StringComparison.Ordinal);
        Assert.Contains("--urls", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("found --urls 'ftp://x:1'", "serve", "--snapshots", "x", "--urls", "ftp://x:1")]
    [InlineData(
        "--poll-milliseconds 3; expected 50 to 3600000", "serve", "--snapshots", "x", "--poll-milliseconds", "3")]
    [InlineData("neither a file nor a folder", "inspect", "/nowhere/at/all")]
    [InlineData(
        "user 'nobody'",
        "query",
        "recommend",
        "--snapshot",
        "tests/Engine.Tests/Snapshots/golden-v1.snapshot",
        "--user",
        "nobody")]
    [InlineData(
        "found --within-days = 0, expected 1..36525", "audience", "save", "--snapshot", "tests/Engine.Tests/Snapshots/golden-v1.snapshot",
        "--name", "a", "--did", "view", "--products", "P1", "--within-days", "0", "--dry-run")]
    [InlineData(
        "found --least-score = NaN", "audience", "save", "--snapshot", "tests/Engine.Tests/Snapshots/golden-v1.snapshot",
        "--name", "a", "--from-result", "r.csv", "--products", "P1", "--least-score", "NaN", "--dry-run")]
    public async System.Threading.Tasks.Task Mistakes_end_with_one_line_and_exit_code_one(
        string words, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run =
            await ProgramOutput.OfEngine(
                [.. folder.Within(arguments).Select(
                    argument => argument.EndsWith(".snapshot", StringComparison.Ordinal)
                        ? Path.Combine(TestData.Root, argument)
                        : argument)]);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_threshold_that_nobody_reaches_and_no_results_are_named()
    {
        var golden = Path.Combine(TestData.Root, "tests/Engine.Tests/Snapshots/golden-v1.snapshot");
        using var folder = new TemporaryFolder();
        folder.Write("r.csv", "user_id,item_id,score\nu1,P1,0.5\n");
        var empty = await ProgramOutput.OfEngine(
            "audience", "save", "--snapshot", golden, "--name", "a", "--from-result", folder.File("r.csv"),
            "--products", "P1", "--least-score", "1", "--dry-run");
        Assert.Equal(1, empty.ExitCode);
        Assert.Contains("passes --ranks and --least-score", empty.Error, StringComparison.Ordinal);
        var none = await ProgramOutput.OfEngine(
            "query", "rank-users", "--snapshot", golden, "--product", "P1", "--top", "0");
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("found --top 0; expected 1 or more", none.Error, StringComparison.Ordinal);
    }
}
