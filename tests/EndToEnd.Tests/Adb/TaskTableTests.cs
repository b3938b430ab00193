using Engine.Protos.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Adb;

/// <summary>Tasks that write their results into a table.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class TaskTableTests(MariaDbServer server)
{
    [MariaDbFact]
    public async Task The_rows_of_a_task_stand_in_the_table_when_it_has_succeeded()
    {
        using var source = await TestSource.Create(server, 100);
        var target = new TableTarget
        {
            Source = Path.GetFileNameWithoutExtension(source.SourceFile),
            Table = "results",
        };
        await using var engine = await RunningEngine.Start(
            sources: Path.GetDirectoryName(source.SourceFile)!,
            configure: options => options.Access.WritableTables = [$"{target.Source}/results", "../etc/results"]);
        var first = await Written(engine, new CreateTaskRequest { TopK = 3, Table = target });
        var second = await Written(
            engine, new CreateTaskRequest { TopK = 2, Purchased = PurchasedPolicy.Exclude, Table = target });
        foreach (var task in new[] { first, second })
        {
            var results =
                (await engine.Tasks.ResultsAsync(
                    new TaskResultsRequest { TaskId = task.TaskId, PageSize = 10_000 })).Results;
            Assert.Equal(task.RowsWritten, results.Count);
            Assert.Equal(
                results.Select(row => $"{row.UserId}|{row.ItemRank}|{row.ItemId}").Order(StringComparer.Ordinal),
                (await server.Rows(
                    $"SELECT user_id, item_rank, item_id FROM results WHERE task_id = '{task.TaskId}'",
                    source.Database)).Order(
                    StringComparer.Ordinal));
        }

        var unknown =
            await Assert.ThrowsAsync<RpcException>(
                async () => await engine.Tasks.CreateAsync(
                    new CreateTaskRequest { Table = new TableTarget { Source = "../etc", Table = "results" } }));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);

        // The account of the source may write anywhere in the database; clients of the engine may not.
        var other = new TableTarget { Source = target.Source, Table = "behavior" };
        var denied = await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Tasks.CreateAsync(new CreateTaskRequest { Table = other }));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Contains("--writable-tables", denied.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task<Engine.Protos.V1.Task> Written(RunningEngine engine, CreateTaskRequest request)
    {
        var id = (await engine.Tasks.CreateAsync(request)).TaskId;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var task = await engine.Tasks.GetAsync(new GetTaskRequest { TaskId = id }, cancellationToken: limit.Token);
            if (task.State is TaskState.Succeeded or TaskState.Failed)
            {
                Assert.Equal((TaskState.Succeeded, ""), (task.State, task.Error));
                return task;
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
