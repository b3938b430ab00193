using Engine.Protos.V1;
using Engine.Snapshots.Forgetting;
using Grpc.Core;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>A person who was forgotten is unknown everywhere, from the next request on.</summary>
public sealed class ForgetTests
{
    private const string Person = "user-1é";

    [Fact]
    public async Task From_the_next_request_on_the_person_is_unknown_and_out_of_everything_stored()
    {
        await using var engine = await RunningEngine.Start();
        var everybody = await Ranked(engine);
        Assert.Contains(Person, everybody);
        var other = everybody.First(id => id != Person);
        await engine.Catalog.SaveAudienceAsync(
            new SaveAudienceRequest { Name = "both", UserIds = { Person, other, "never seen" } });
        var task = await Done(engine, new CreateTaskRequest { TopK = 3 });
        var ofAudience = await Done(engine, new CreateTaskRequest { TopK = 2, Audience = "both" });
        var before = await Rows(engine, task);
        Assert.Contains(before, row => row.UserId == Person);

        var reply =
            await new Admin.AdminClient(engine.Channel).ForgetUserAsync(new ForgetUserRequest { UserId = Person });
        Assert.Equal((1, 1, 2), (reply.AudienceCount, reply.TaskAudienceCount, reply.ResultCount));
        Assert.Equal(before.Count(row => row.UserId == Person) + 2, reply.RowCount);

        await IsUnknown(
            () => engine.Recommender.RecommendAsync(new RecommendRequest { UserId = Person }).ResponseAsync);
        await IsUnknown(
            () =>
                engine.Recommender.ExplainAsync(
                    new ExplainRequest { UserId = Person, ProductId = "P1" }).ResponseAsync);
        var score = await engine.Recommender.ScoreAsync(
            new ScoreRequest { UserIds = { Person, other }, ProductIds = { "P1" } });
        Assert.Equal([other], score.Pairs.Select(pair => pair.UserId));
        Assert.Equal(SkipReason.UnknownUser, Assert.Single(score.Skipped).Reason);
        Assert.Equal(everybody.Where(id => id != Person), await Ranked(engine));
        var estimate = await engine.Recommender.EstimateAudienceAsync(new EstimateAudienceRequest { ProductId = "P1" });
        Assert.Equal(everybody.Length - 1, estimate.EligibleCount);
        var mean =
            await engine.Recommender.RecommendForAudienceAsync(new RecommendForAudienceRequest { Audience = "both" });
        Assert.Equal(1, mean.UserCount);
        Assert.Equal(
            2,
            Assert.Single((await engine.Catalog.ListAudiencesAsync(new ListAudiencesRequest())).Audiences).UserCount);

        // The rows of everybody else are as they were; the files hold the id no more.
        Assert.Equal(before.Where(row => row.UserId != Person), await Rows(engine, task));
        Assert.DoesNotContain(await Rows(engine, ofAudience), row => row.UserId == Person);
        Assert.DoesNotContain(
            Person, await engine.Http.GetStringAsync($"/v1/tasks/{task}/download"), StringComparison.Ordinal);
        var id = System.Text.Encoding.UTF8.GetBytes(Person);
        var stored = Directory
            .EnumerateFiles(Path.Combine(engine.Root, "default"), "*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is not (".snapshot" or ".lock"));
        Assert.All(
            stored, path => Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf(id) < 0, $"{path} names the person"));

        // New audiences and tasks do not bring the person back.
        var saved = await engine.Catalog.SaveAudienceAsync(
            new SaveAudienceRequest { Name = "again", UserIds = { Person, other } });
        Assert.Equal(1, saved.UserCount);
        Assert.DoesNotContain(
            await Rows(engine, await Done(engine, new CreateTaskRequest { TopK = 3 })), row => row.UserId == Person);
    }

    [Fact]
    public async Task A_person_forgotten_by_the_command_line_is_unknown_to_a_running_engine_and_to_the_next_snapshot()
    {
        await using var engine = await RunningEngine.Start();
        ForgottenUsers.Add(Path.Combine(engine.Root, "default"), Person);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await Status(engine) != StatusCode.NotFound)
        {
            await Task.Delay(20, limit.Token);
        }

        await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        Assert.Equal(StatusCode.NotFound, await Status(engine));
        Assert.DoesNotContain(Person, await Ranked(engine));
    }

    [Fact]
    public async Task People_forgotten_at_once_all_leave_every_result()
    {
        await using var engine = await RunningEngine.Start();
        var everybody = await Ranked(engine);
        string[] gone = [.. everybody.Take(everybody.Length / 2)];
        var task = await Done(engine, new CreateTaskRequest { TopK = 3 });
        var before = await Rows(engine, task);
        var admin = new Admin.AdminClient(engine.Channel);
        var replies = await Task.WhenAll(
            gone.Select(user => admin.ForgetUserAsync(new ForgetUserRequest { UserId = user }).ResponseAsync));
        var left = before.Where(row => !gone.Contains(row.UserId)).ToArray();
        Assert.Equal(left, await Rows(engine, task));
        Assert.Equal(before.Length - left.Length, replies.Sum(reply => reply.RowCount));
        Assert.All(replies, reply => Assert.InRange(reply.ResultCount, 0, 1));
    }

    /// <summary>The file of a result is renamed before its list of parts: a crash in between must not show.</summary>
    [Fact]
    public async Task A_result_whose_erasure_broke_off_has_the_rows_of_its_file_and_damage_is_no_row()
    {
        await using var engine = await RunningEngine.Start();
        var task = await Done(engine, new CreateTaskRequest { TopK = 3 });
        var index = Path.Combine(engine.Root, "default", "tasks", task, "result.parquet.index");
        var old = await File.ReadAllBytesAsync(index);
        var admin = new Admin.AdminClient(engine.Channel);
        await admin.ForgetUserAsync(new ForgetUserRequest { UserId = Person });
        var rows = await Rows(engine, task);
        File.Move(index, index.Replace(".index", ".erased.index", StringComparison.Ordinal));
        await File.WriteAllBytesAsync(index, old);
        Assert.Equal(rows, await Rows(engine, task));

        // Forgetting goes on from there.
        var next = rows[0].UserId;
        await admin.ForgetUserAsync(new ForgetUserRequest { UserId = next });
        Assert.Equal(rows.Where(row => row.UserId != next), await Rows(engine, task));

        var result = Path.ChangeExtension(index, null);
        var bytes = await File.ReadAllBytesAsync(result);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(result, bytes);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => Rows(engine, task));
        Assert.Contains("damaged. Run the task again", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_names_nobody_and_its_key_is_for_its_owner_alone()
    {
        using var folder = new TemporaryFolder();
        var hash = ForgottenUsers.Add(folder.Path, Person);
        Assert.Equal(hash, ForgottenUsers.Add(folder.Path, Person));
        ForgottenUsers.Add(folder.Path, "another");
        var list = ForgottenUsers.Read(folder.Path);
        Assert.Equal(2, list.Count);
        Assert.True(list.Contains(Person) && list.Contains("another") && !list.Contains("a third"));
        using var other = new TemporaryFolder();
        Assert.NotEqual(hash, ForgottenUsers.Add(other.Path, Person));
        Assert.Contains(
            hash, File.ReadAllText(Path.Combine(folder.Path, "forgotten", "users")), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(folder.Path, "forgotten", "key")));
        }

        File.Delete(Path.Combine(folder.Path, "forgotten", "key"));
        Assert.Contains(
            "key",
            Assert.Throws<Engine.InputException>(() => ForgottenUsers.Read(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    private static async Task IsUnknown<T>(Func<Task<T>> call) =>
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);

    private static async Task<StatusCode> Status(RunningEngine engine)
    {
        try
        {
            await engine.Recommender.RecommendAsync(new RecommendRequest { UserId = Person });
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static async Task<string[]> Ranked(RunningEngine engine)
    {
        using var stream = engine.Recommender.RankUsers(new RankUsersRequest { ProductId = "P1", TopK = 10_000 });
        var users = new List<string>();
        while (await stream.ResponseStream.MoveNext(CancellationToken.None))
        {
            users.AddRange(stream.ResponseStream.Current.Users.Select(user => user.UserId));
        }

        return [.. users];
    }

    private static async Task<TaskResult[]> Rows(RunningEngine engine, string task) =>
        [.. (await engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = task, PageSize = 10_000 })).Results];

    private static async Task<string> Done(RunningEngine engine, CreateTaskRequest request)
    {
        var id = (await engine.Tasks.CreateAsync(request)).TaskId;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await engine.Tasks.GetAsync(new GetTaskRequest { TaskId = id })).State is TaskState.Queued
            or TaskState.Running)
        {
            await Task.Delay(20, limit.Token);
        }

        Assert.Equal(TaskState.Succeeded, (await engine.Tasks.GetAsync(new GetTaskRequest { TaskId = id })).State);
        return id;
    }
}
