using System.Globalization;
using System.Text;
using Engine.Protos.V1;
using Engine.Tables;
using Grpc.Core;
using Tests.Shared;
using static EndToEnd.Tests.TaskCalls;

namespace EndToEnd.Tests;

/// <summary>Tasks over the wire, from their creation to what is made of their results.</summary>
public sealed class TaskTests
{
    [Fact]
    public async System.Threading.Tasks.Task Every_row_can_be_asked_again_online_also_after_a_swap()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 1, users: 300, products: 60));
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "cheap", Rule = "price < 70" });
        await engine.Catalog.SetBlockedAsync(new SetBlockedRequest { Block = { "P2" } });
        var created = await engine.Tasks.CreateAsync(new CreateTaskRequest
        {
            Pool = "cheap",
            TopK = 7,
            ExcludeProductIds = { "P3" },
            Purchased = PurchasedPolicy.Exclude,
        });
        await engine.PublishAndWait(RandomSnapshot.Content(seed: 2));
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "cheap", Rule = "price < 1" });
        await engine.Catalog.SetBlockedAsync(new SetBlockedRequest { Replace = true });

        var task = await Ended(engine, created.TaskId);
        Assert.Equal(
            (TaskState.Succeeded, created.SnapshotId, 300, 300),
            (task.State, task.SnapshotId, task.AudienceSize, task.UsersInScope));
        Assert.Equal("cheap (version 1)", task.Pool);
        Assert.Contains(task.Removed, removed => removed is { Clause: "blocked", Removed: 1 });

        var page = await engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = task.TaskId, PageSize = 10 });
        Assert.Equal(task.RowCount, page.RowCount);
        foreach (var rows in (await Rows(engine, task.TaskId)).GroupBy(row => row.UserId, StringComparer.Ordinal))
        {
            var again = page.AskAgain.Clone();
            again.UserId = rows.Key;
            var online = await engine.Recommender.RecommendAsync(again);
            Assert.Equal(
                online.Products.Select(
                    product => (
                        product.ProductId, product.Rank, product.Score, product.Probability, product.Percentile,
                        product.ProductName)),
                rows.Select(
                    row => (row.ItemId, row.ItemRank, row.Score, row.Probability, row.Percentile, row.ItemName)));
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task Results_are_downloaded_summed_up_and_made_audiences()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 3, users: 200, products: 40));
        var id = (await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 5 })).TaskId;
        await Ended(engine, id);
        var rows = await Rows(engine, id);
        Assert.Equal(200 * 5, rows.Count);

        var expected = "user_id,item_rank,item_id,score,"
            + "probability,percentile,item_name\n" + string.Concat(rows.Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.UserId},{row.ItemRank},{row.ItemId},{row.Score},{row.Probability},"
            + $"{row.Percentile},{row.ItemName}\n")));
        Assert.Equal(expected, await Downloaded(engine, id, FileFormat.Csv));
        Assert.Equal(expected, await engine.Http.GetStringAsync($"/v1/tasks/{id}/download"));
        using var refused = await engine.Http.GetAsync("/v1/tasks/none/download");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, refused.StatusCode);
        using var folder = new TemporaryFolder();
        var parquet = folder.File("rows.parquet");
        await File.WriteAllBytesAsync(
            parquet, await engine.Http.GetByteArrayAsync($"/v1/tasks/{id}/download?format=parquet"));
        Assert.Equal(expected, Csv(parquet));

        var summary = await engine.Tasks.SummaryAsync(new TaskSummaryRequest { TaskId = id, TopK = 1000 });
        Assert.Equal(summary, await engine.Tasks.SummaryAsync(new TaskSummaryRequest { TaskId = id, TopK = 1000 }));
        foreach (var damaged in (string[])["", "{", "[null]", "[]", summary.ToString()])
        {
            await File.WriteAllTextAsync(
                Directory.GetFiles(engine.Root, "summary.json", SearchOption.AllDirectories).Single(), damaged);
            Assert.Equal(summary, await engine.Tasks.SummaryAsync(new TaskSummaryRequest { TaskId = id, TopK = 1000 }));
        }

        var byProduct = rows.GroupBy(row => row.ItemId, StringComparer.Ordinal).ToArray();
        Assert.Equal(byProduct.Length, summary.Products.Count);
        foreach (var product in summary.Products)
        {
            var own = byProduct.Single(group => group.Key == product.ProductId).ToArray();
            Assert.Equal(
                (own.Length, own.Count(row => row.ItemRank == 1), own.Min(row => row.Score), own.Max(row => row.Score)),
                (product.UserCount, product.FirstCount, product.MinScore, product.MaxScore));
            Assert.Equal(own.Average(row => (double)row.Score), product.MeanScore, 1e-9);
            Assert.Equal(own.Length, product.Histogram.Sum());
        }

        var first = summary.Products[0].ProductId;
        var ranked =
            await engine.Catalog.SaveAudienceAsync(
                new SaveAudienceRequest
                {
                    Name = "ranked",
                    Result = new ResultAudience { TaskId = id, ProductId = first, FirstRank = 2, LastRank = 3 },
                });
        Assert.Equal(rows.Count(row => row.ItemId == first && row.ItemRank is 2 or 3), ranked.UserCount);
        var scored =
            await engine.Catalog.SaveAudienceAsync(
                new SaveAudienceRequest
                {
                    Name = "scored",
                    Result = new ResultAudience { TaskId = id, ProductId = first, LeastScore = 0.5f },
                });
        Assert.Equal(rows.Count(row => row.ItemId == first && row.Score >= 0.5f), scored.UserCount);

        var best =
            await engine.Catalog.SaveAudienceAsync(
                new SaveAudienceRequest
                {
                    Name = "best",
                    Result = new ResultAudience { TaskId = id, ProductId = first, Best = 3 },
                });
        Assert.Equal(3, best.UserCount);
        var export3 = (await engine.Http.GetStringAsync("/v1/audiences/best/export"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1);
        Assert.Equal(
            rows.Where(row => row.ItemId == first).OrderByDescending(row => row.Score).Take(3)
                .Select(row => row.UserId).Order(StringComparer.Ordinal),
            export3.Order(StringComparer.Ordinal));

        // The same from the command line.
        var snapshots = Path.GetDirectoryName(engine.Directory.Path)!;
        var saved = await ProgramOutput.OfEngine(
            "audience", "save", "--snapshots", snapshots, "--name", "typed", "--from-task", id, "--products", first,
            "--ranks", "2", "3");
        Assert.True(saved.ExitCode == 0, saved.Error);
        var export = await ProgramOutput.OfEngine(
            "audience", "export", "--snapshots", snapshots, "--name", "typed", "--out", folder.File("typed.csv"));
        Assert.True(export.ExitCode == 0, export.Error);
        Assert.Equal(
            rows.Where(row => row.ItemId == first && row.ItemRank is 2 or 3)
                .Select(row => row.UserId)
                .Order(StringComparer.Ordinal),
            File.ReadLines(folder.File("typed.csv")).Skip(1).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async System.Threading.Tasks.Task Pools_are_counted_before_they_are_saved_and_audiences_are_exported()
    {
        await using var engine = await RunningEngine.Start();
        var preview = await engine.Catalog.PreviewPoolAsync(
            new PreviewPoolRequest { Rule = "price < 70", ProductIds = { "P1", "P2", "P1", "gone" } });
        Assert.Equal(("price < 70", 1), (preview.Clauses.Single().Clause, preview.OutOfScopeCount));
        Assert.Equal(
            [("P1", SkipReason.Duplicate), ("gone", SkipReason.UnknownProduct)],
            preview.Skipped.Select(skipped => (skipped.Id, skipped.Reason)));
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "p", Rule = "price < 70" });
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "p", Rule = "price < 7" });
        Assert.Equal(
            "price < 70", (await engine.Catalog.GetPoolAsync(new GetPoolRequest { Name = "p", Version = 1 })).Rule);
        Assert.Equal(2, (await engine.Catalog.GetPoolAsync(new GetPoolRequest { Name = "p" })).Version);

        await engine.Catalog.SaveAudienceAsync(
            new SaveAudienceRequest { Name = "few", UserIds = { "a", "b,\"c\"", "a" } });
        Assert.Equal("user_id\na\n\"b,\"\"c\"\"\"\n", await engine.Http.GetStringAsync("/v1/audiences/few/export"));
    }

    [Fact]
    public async System.Threading.Tasks.Task Fifty_thousand_million_pairs_are_allowed_and_not_one_user_more()
    {
        await using var engine = await RunningEngine.Start();
        var ids =
            Enumerable.Range(0, 1_000_000).Select(number => number.ToString(CultureInfo.InvariantCulture)).ToArray();
        await engine.Catalog.SavePoolAsync(new SavePoolRequest { Name = "million", ProductIds = { ids } });
        await engine.Catalog.SaveAudienceAsync(
            new SaveAudienceRequest { Name = "legal", UserIds = { ids.Take(50_000) } });
        await engine.Catalog.SaveAudienceAsync(
            new SaveAudienceRequest { Name = "one more", UserIds = { ids.Take(50_001) } });
        var legal = await engine.Tasks.CreateAsync(
            new CreateTaskRequest { Audience = "legal", Pool = "million", ValidateOnly = true });
        Assert.Equal(("", 50_000, 1_000_000), (legal.TaskId, legal.AudienceSize, legal.PoolSize));
        var error =
            await Refused(engine.Tasks.CreateAsync(new CreateTaskRequest { Audience = "one more", Pool = "million" }));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains(
            "50,001 users x 1,000,000 products = 50,001,000,000 pairs, expected at most 50,000,000,000",
            error.Status.Detail,
            StringComparison.Ordinal);
        Assert.Empty((await engine.Tasks.ListAsync(new ListTasksRequest())).Tasks);
    }

    [Fact]
    public async System.Threading.Tasks.Task Tasks_are_listed_cancelled_and_deleted_and_mistakes_say_what_to_do()
    {
        await using var engine =
            await RunningEngine.Start(RandomSnapshot.Content(seed: 5, users: 20_000, products: 400));
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            // The first keeps the others waiting; all are idle work, which a busy machine does slowly.
            ids.Add((await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = i == 0 ? 100 : 5 })).TaskId);
        }

        var last = await engine.Tasks.CancelAsync(new CancelTaskRequest { TaskId = ids[5] });
        Assert.Equal(TaskState.Cancelled, last.State);
        Assert.Equal(
            StatusCode.FailedPrecondition,
            (await Refused(engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = ids[5] }))).StatusCode);
        Assert.Equal(
            StatusCode.FailedPrecondition,
            (await Refused(engine.Tasks.CancelAsync(new CancelTaskRequest { TaskId = ids[5] }))).StatusCode);
        foreach (var id in ids.Take(5))
        {
            Assert.Equal(TaskState.Succeeded, (await Ended(engine, id)).State);
        }

        var listed = await engine.Tasks.ListAsync(new ListTasksRequest());
        Assert.Equal(ids.AsEnumerable().Reverse(), listed.Tasks.Select(task => task.TaskId));
        await engine.Tasks.DeleteAsync(new DeleteTaskRequest { TaskId = ids[0] });
        Assert.Equal(
            StatusCode.NotFound,
            (await Refused(engine.Tasks.GetAsync(new GetTaskRequest { TaskId = ids[0] }))).StatusCode);
        Assert.Equal(
            StatusCode.NotFound,
            (await Refused(engine.Tasks.GetAsync(new GetTaskRequest { TaskId = "../pools" }))).StatusCode);
        Assert.Equal(
            StatusCode.NotFound,
            (await Refused(engine.Tasks.CreateAsync(new CreateTaskRequest { Audience = "nobody" }))).StatusCode);
        Assert.Equal(
            StatusCode.InvalidArgument,
            (await Refused(engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 10_001 }))).StatusCode);
    }

    private static string Csv(string parquet)
    {
        using var table = TableFile.Open(parquet);
        var text = new StringBuilder().AppendJoin(',', table.Columns).Append('\n');
        while (table.Read())
        {
            text.AppendJoin(
                ',', Enumerable.Range(0, table.Columns.Count).Select(column => table.Text(column).ToString()))
                .Append('\n');
        }

        return text.ToString();
    }

    private static async System.Threading.Tasks.Task<RpcException> Refused<T>(AsyncUnaryCall<T> call) =>
        await Assert.ThrowsAsync<RpcException>(async () => await call);
}
