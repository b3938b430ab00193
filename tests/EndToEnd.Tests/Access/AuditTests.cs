using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Audit;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>Who changed what.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task A_change_is_two_lines_with_who_what_before_and_after()
    {
        var key = "";
        await using var engine =
            await RunningEngine.Start(configure: Keys.With(root => key = Keys.Add(root, "crm", ["catalog"])));
        var header = new Metadata { { "authorization", $"Bearer {key}" } };
        await engine.Catalog
            .SavePoolAsync(
                new SavePoolRequest { Name = "tea\n{", ProductIds = { "P1" } },
                header,
                cancellationToken: CancellationToken.None)
            .ResponseAsync.ContinueWith(_ => { }, TaskScheduler.Default);
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "tea", ProductIds = { "P1", "P2" } }, header);
        await engine.Catalog.DeletePoolAsync(new DeletePoolRequest { Name = "tea" }, header);
        var lines = Log(engine.Root).Read().ToArray();
        Assert.Equal(
            ["InvalidArgument", "OK", "OK"], lines.Where(line => line.Result is not null).Select(line => line.Result));
        Assert.All(
            lines.Where(line => line.Call is not null),
            line => Assert.Equal(("crm", "default"), (line.Who, line.Workspace)));
        var saved = lines[2];
        Assert.Equal(("/engine.v1.Catalog/SavePool", "pool tea", "absent"), (saved.Call, saved.Object, saved.Before));
        Assert.Equal(saved.Id, lines[3].Id);
        Assert.StartsWith("version 1: 2 listed products", lines[3].After, StringComparison.Ordinal);
        Assert.Equal("absent", lines[5].After);
        Assert.DoesNotContain(key, await File.ReadAllTextAsync(PathOf(engine.Root)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_log_a_change_is_refused_and_nothing_changes()
    {
        await using var engine = await RunningEngine.Start();
        Directory.CreateDirectory(PathOf(engine.Root));
        var refused =
            await Assert.ThrowsAsync<RpcException>(
                async () =>
                    await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "tea", ProductIds = { "P1" } }));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("audit log", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await engine.Catalog.ListPoolsAsync(new ListPoolsRequest())).Pools);
        await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = "user-1é" });
    }

    [Fact]
    public void Full_files_are_renamed_and_the_oldest_deleted_and_writers_take_turns()
    {
        using var folder = new TemporaryFolder();
        Parallel.For(0, 60, number => new AuditLog(folder.Path, 500, 3).Append(
            new AuditLine(DateTimeOffset.UnixEpoch.AddSeconds(number), number.ToString(CultureInfo.InvariantCulture))
            {
                Who = new string('x', 100),
                Call = "call",
            }));
        var files = Directory.GetFiles(Path.GetDirectoryName(PathOf(folder.Path))!, "*.jsonl");
        Assert.Equal(4, files.Length);
        var whole = Log(folder.Path).Read().ToArray();
        Assert.Equal(files.Sum(file => File.ReadAllLines(file).Length), whole.Length);
        Assert.Equal(whole.Length, whole.Select(line => line.Id).Distinct().Count());
    }

    [Fact]
    public async Task Commands_that_save_and_delete_write_the_same_lines()
    {
        using var root = new TemporaryFolder();
        var id = new Engine.Snapshots.SnapshotDirectory(root.Path).Publish(RandomSnapshot.Content(seed: 1));
        var snapshot = Path.Combine(root.Path, "default", id + ".snapshot");
        var users = root.Write("users.csv", "user_id\nuser-1é\n");
        var hero = root.Write("hero.json", """{"name": "hero", "top_k": 2}""");
        var trial = root.Write(
            "trial.json", """{"name": "trial", "arms": [{"name": "now", "placement": "hero", "share": 1}]}""");
        foreach (var arguments in (string[][])[
            ["pool", "save", "--snapshot", snapshot, "--name", "tea", "--rule", "product_id = 'P1'"],
            ["pool", "delete", "--snapshot", snapshot, "--name", "tea"],
            ["audience", "save", "--snapshot", snapshot, "--name", "us", "--ids", users],
            ["audience", "delete", "--snapshot", snapshot, "--name", "us"],
            ["placement", "save", "--snapshot", snapshot, "--file", hero],
            ["experiment", "save", "--snapshot", snapshot, "--file", trial],
            ["experiment", "delete", "--snapshot", snapshot, "--name", "trial"],
            ["placement", "delete", "--snapshot", snapshot, "--name", "hero"]])
        {
            var run = await ProgramOutput.OfEngine(arguments);
            Assert.True(run.ExitCode == 0, run.Error + run.Output);
        }

        var lines = Log(root.Path).Read().ToArray();
        Assert.Equal(
            [
                ("pool save", "pool tea", "absent"),
                ("pool delete", "pool tea", lines[1].After),
                ("audience save", "audience us", "absent"),
                ("audience delete", "audience us", "1 users"),
                ("placement save", "placement hero", "absent"),
                ("experiment save", "experiment trial", "absent"),
                ("experiment delete", "experiment trial", "version 1: now 1"),
                ("placement delete", "placement hero", "version 1: 2 places, 0 rules"),
            ],
            lines.Where(line => line.Call is not null).Select(line => (line.Call, line.Object, line.Before)));
        Assert.StartsWith("version 1", lines[1].After, StringComparison.Ordinal);
        Assert.All(lines.Where(line => line.Result is not null), line => Assert.Equal("OK", line.Result));
        Assert.All(
            lines.Where(line => line.Who is not null),
            line => Assert.StartsWith("command line", line.Who, StringComparison.Ordinal));
    }

    private static AuditLog Log(string root) => new(root, long.MaxValue, int.MaxValue);

    private static string PathOf(string root) => Path.Combine(root, ".access", "audit", "audit.jsonl");
}
