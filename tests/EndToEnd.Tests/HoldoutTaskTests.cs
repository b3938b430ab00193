using System.Globalization;
using Engine.Protos.V1;
using Engine.Snapshots;
using Grpc.Core;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>A campaign that proves itself: holdout, messages, purchases, lift.</summary>
public sealed class HoldoutTaskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async System.Threading.Tasks.Task A_task_holds_users_out_and_measures_what_the_others_did()
    {
        using var datasets = new TemporaryFolder();
        await using var engine = await RunningEngine.Start(
            RandomSnapshot.Content(seed: 3, users: 400, products: 40), datasets: datasets.Path);
        var created = await engine.Tasks.CreateAsync(
            new CreateTaskRequest { TopK = 3, HoldoutShare = 0.25, HoldoutSeed = "spring" });
        var task = await Ended(engine, created.TaskId);
        Assert.True(task.State == TaskState.Succeeded, task.Error);
        Assert.Equal((0.25, "spring", 400L), (task.HoldoutShare, task.HoldoutSeed, task.UsersInScope));

        // Both groups have all their rows, nobody is in both, and the same seed draws the same users.
        var treated = await Rows(engine, task.TaskId, heldOut: false);
        var heldOut = await Rows(engine, task.TaskId, heldOut: true);
        Assert.Equal(task.UsersHeldOut * 3, heldOut.Count);
        Assert.Equal((400 - task.UsersHeldOut) * 3, treated.Count);
        var users = heldOut.Select(row => row.UserId).ToHashSet();
        Assert.DoesNotContain(treated, row => users.Contains(row.UserId));
        var again =
            await Ended(
                engine,
                (await engine.Tasks.CreateAsync(
                    new CreateTaskRequest { TopK = 1, HoldoutShare = 0.25, HoldoutSeed = "spring" })).TaskId);
        Assert.Equal(users, (await Rows(engine, again.TaskId, heldOut: true)).Select(row => row.UserId).ToHashSet());
        var downloaded = await engine.Http.GetStringAsync($"/v1/tasks/{task.TaskId}/download?held_out=true");
        Assert.Equal(heldOut.Count, downloaded.Split('\n').Length - 2);

        var audience =
            await engine.Catalog.SaveAudienceAsync(
                new SaveAudienceRequest
                {
                    Name = "kept",
                    Result = new ResultAudience { TaskId = task.TaskId, HeldOut = true, AllProducts = true },
                });
        Assert.Equal(task.UsersHeldOut, audience.UserCount);

        // What would be ignored, or give nobody in silence, is refused.
        foreach (var result in new[]
        {
            new ResultAudience { AllProducts = true, Best = 3 },
            new ResultAudience { ProductId = treated[0].ItemId, FirstRank = 3, LastRank = 2 },
            new ResultAudience { ProductId = treated[0].ItemId, LeastScore = float.NaN },
        })
        {
            result.TaskId = task.TaskId;
            var save = new SaveAudienceRequest { Name = "nobody", Result = result };
            var refused = await Assert.ThrowsAsync<RpcException>(
                async () => await engine.Catalog.SaveAudienceAsync(save));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }

        var seed = await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 1, HoldoutSeed = "spring" }));
        Assert.StartsWith("found holdout_seed without holdout_share", seed.Status.Detail, StringComparison.Ordinal);

        // Every treated user buys the best product, no held-out user buys anything.
        var day = new SnapshotDirectory(Path.GetDirectoryName(engine.Directory.Path)!).ReadCurrent() is { } id
            ? LastDay(engine, id).AddDays(1)
            : default;
        WriteDataset(
            datasets, "after", treated.Where(row => row.ItemRank == 1).Select(row => (row.UserId, row.ItemId, day)));
        var lift =
            await engine.Tasks.LiftAsync(new TaskLiftRequest { TaskId = task.TaskId, Dataset = "after", Days = 1 });
        Assert.Equal(
            (1, 0, 1), (lift.Listed.Treated.Conversion, lift.Listed.HeldOut.Conversion, lift.Listed.Difference));
        Assert.True(lift.Listed.Claimed);
        Assert.StartsWith("the messages raised conversion", lift.Listed.Verdict, StringComparison.Ordinal);
        Assert.Equal(10 * (400 - task.UsersHeldOut), lift.Listed.Treated.Revenue, 6);
        Assert.Equal(10, lift.Deciles.Count);
        var page = await engine.Http.GetStringAsync($"/v1/tasks/{task.TaskId}/lift?dataset=after&days=1");
        Assert.Contains("\"claimed\":true", page, StringComparison.Ordinal);

        // What cannot be measured says why.
        WriteDataset(datasets, "before", [("user-1é", "P1", day.AddDays(-1))]);
        await Refused(
            () =>
                engine.Tasks.LiftAsync(new TaskLiftRequest { TaskId = task.TaskId, Dataset = "before" }).ResponseAsync,
            "before the messages were sent");
        await Refused(
            () => engine.Tasks.LiftAsync(new TaskLiftRequest { TaskId = task.TaskId, Dataset = "other" }).ResponseAsync,
            "datasets: after, before");
        await Refused(
            () =>
                engine.Tasks.LiftAsync(
                    new TaskLiftRequest { TaskId = task.TaskId, Dataset = "../after" }).ResponseAsync,
            "does not exist");
        await Refused(
            () =>
                engine.Tasks.LiftAsync(
                    new TaskLiftRequest { TaskId = task.TaskId, Dataset = "after", Sent = "2001-01-01" }).ResponseAsync,
            "the last day that snapshot");
    }

    [Fact]
    public async System.Threading.Tasks.Task A_holdout_that_cannot_be_is_refused()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 3, users: 50, products: 40));
        await Refused(
            () => engine.Tasks.CreateAsync(new CreateTaskRequest { HoldoutShare = 0 }).ResponseAsync,
            "found holdout_share = 0; expected more than 0 and less than 1");
        await Refused(
            () => engine.Tasks.CreateAsync(new CreateTaskRequest { HoldoutShare = 1 }).ResponseAsync,
            "found holdout_share = 1; expected more than 0 and less than 1");
        await Refused(
            () => engine.Tasks.CreateAsync(new CreateTaskRequest { HoldoutShare = 1e-9 }).ResponseAsync,
            "50 of 50 users treated and 0 held out");
        var task = await Ended(engine, (await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 1 })).TaskId);
        await Refused(
            () => engine.Tasks.LiftAsync(new TaskLiftRequest { TaskId = task.TaskId, Dataset = "after" }).ResponseAsync,
            "holds out nobody");
        using var question = new StringContent(
            """{"users": 20000, "baseRate": 0.02, "lift": 0.01}""", System.Text.Encoding.UTF8, "application/json");
        using var plan = await engine.Http.PostAsync("/v1/tasks:planHoldout", question);
        Assert.Contains("hold out ", await plan.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_planted_lift_is_measured_by_commands()
    {
        using var folder = new TemporaryFolder();
        var (brand, snapshots, push) = (folder.File("brand"), folder.File("snapshots"), folder.File("push.csv"));
        await OfTrainer("generate", "--size", "tiny", "--out", brand);
        await OfTrainer(
            "train", "--dataset", Path.Combine(brand, "dataset.json"), "--out", snapshots, "--horizon", "30");
        string[] batch = [
            "batch", "--snapshots", snapshots, "--audience", "all", "--top", "3", "--holdout-share", "0.4", "--out",
            push,
        ];
        await OfEngine(batch);
        var first = await File.ReadAllTextAsync(folder.File("push.holdout.csv"));
        await OfEngine(batch);
        Assert.Equal(first, await File.ReadAllTextAsync(folder.File("push.holdout.csv")));

        var answered = folder.File("answered");
        await OfTrainer(
            "generate", "--size", "tiny", "--out", answered, "--response", push, "--response-lift", "0.4",
            "--response-rate", "0.1");
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(brand, "behavior.csv")),
            await File.ReadAllBytesAsync(Path.Combine(answered, "behavior.csv")));
        var lift =
            TaskLiftReply.Parser.ParseJson(
                await OfEngine(
                    "lift",
                    push,
                    "--snapshots",
                    snapshots,
                    "--dataset",
                    Path.Combine(answered, "dataset.json"),
                    "--json"));
        Assert.InRange(0.4, lift.Listed.Low, lift.Listed.High);
        Assert.True(lift.Listed.Claimed);
        Assert.Contains(
            "the messages raised conversion",
            await OfEngine("lift", push, "--snapshots", snapshots, "--dataset", Path.Combine(answered, "dataset.json")),
            StringComparison.Ordinal);

        var early = await ProgramOutput.OfEngine(
            "lift", push, "--snapshots", snapshots, "--dataset", Path.Combine(brand, "dataset.json"));
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("before the messages were sent on 2025-07-01", early.Error, StringComparison.Ordinal);
    }

    private static DateOnly LastDay(RunningEngine engine, string id)
    {
        using var snapshot = Snapshot.Open(engine.Directory.FilePath(id));
        return snapshot.Manifest.Scope.LastDay;
    }

    private static void WriteDataset(
        TemporaryFolder folder, string name, IEnumerable<(string User, string Product, DateOnly Day)> purchases)
    {
        File.WriteAllLines(
            folder.File($"{name}.csv"),
            [
                "user,product,time,amount",
                .. purchases.Select(
                    row => string.Create(
                        CultureInfo.InvariantCulture, $"{row.User},{row.Product},{row.Day:yyyy-MM-dd},10")),
            ]);
        File.WriteAllText(folder.File($"{name}.json"), $$"""
            { "behavior": { "files": ["{{name}}.csv"], "user_id": "user", "product_id": "product", "time": "time", "amount": "amount", "constant_type": "purchase" },
              "product": { "files": ["{{name}}.csv"], "product_id": "product", "product_name": "product" } }
            """);
    }

    private static async Task<string> OfEngine(params string[] arguments) =>
        Checked(await ProgramOutput.OfEngine(arguments));

    private static async System.Threading.Tasks.Task OfTrainer(params string[] arguments) =>
        Checked(await ProgramOutput.Of("dotnet", [ProgramOutput.Built("Trainer"), .. arguments]));

    private static string Checked(ProgramOutput run)
    {
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        return run.Output;
    }

    private static async System.Threading.Tasks.Task Refused(Func<System.Threading.Tasks.Task> call, string reason) =>
        Assert.Contains(reason, (await Assert.ThrowsAsync<RpcException>(call)).Status.Detail, StringComparison.Ordinal);

    private static async Task<Engine.Protos.V1.Task> Ended(RunningEngine engine, string id)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var task = await engine.Tasks.GetAsync(new GetTaskRequest { TaskId = id }, cancellationToken: limit.Token);
            if (task.State is not (TaskState.Queued or TaskState.Running))
            {
                return task;
            }

            await System.Threading.Tasks.Task.Delay(20, limit.Token);
        }
    }

    private static async Task<List<TaskResult>> Rows(RunningEngine engine, string id, bool heldOut)
    {
        var rows = new List<TaskResult>();
        var page = new TaskResultsReply();
        do
        {
            page =
                await engine.Tasks.ResultsAsync(
                    new TaskResultsRequest
                    {
                        TaskId = id,
                        PageSize = 1_000,
                        PageToken = page.NextPageToken,
                        HeldOut = heldOut,
                    });
            rows.AddRange(page.Results);
        }
        while (page.NextPageToken.Length > 0);
        return rows;
    }
}
