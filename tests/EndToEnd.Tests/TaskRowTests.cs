using System.Globalization;
using EndToEnd.Tests.Reranking;
using Engine.Protos.V1;
using Grpc.Core;
using Tests.Shared;
using static EndToEnd.Tests.TaskCalls;

namespace EndToEnd.Tests;

/// <summary>What the rows of a task say: re-ranked, of a related campaign, of one product.</summary>
public sealed class TaskRowTests
{
    [Fact]
    public async System.Threading.Tasks.Task Re_ranked_rows_are_marked_and_without_their_re_ranker_refused()
    {
        var content = RandomSnapshot.Content(seed: 5, users: 90, products: 60);
        await using var engine = await RunningEngine.Start(RerankedSnapshot.With(content, RerankedSnapshot.Model));
        var plain = await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 5 });
        var created = await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 5, ReRank = true });
        Assert.Equal((false, true), (plain.ReRanked, created.ReRanked));
        Assert.Equal(TaskState.Succeeded, (await Ended(engine, created.TaskId)).State);
        await Ended(engine, plain.TaskId);

        var (before, after) = (await Rows(engine, plain.TaskId), await Rows(engine, created.TaskId));
        Assert.All(before, row => Assert.False(row.ReRanked));
        Assert.All(after, row => Assert.True(row.ReRanked));
        Assert.NotEqual(before.Select(row => row.ItemId), after.Select(row => row.ItemId));
        Assert.Null((await engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = created.TaskId })).AskAgain);
        Assert.All(after, row => Assert.False(row.HasProbability || row.HasPercentile));
        var expected = "user_id,item_rank,item_id,score,probability,"
            + "percentile,item_name,re_ranked\n" + string.Concat(after.Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.UserId},{row.ItemRank},{row.ItemId},{row.Score},,,{row.ItemName},true\n")));
        Assert.Equal(expected, await Downloaded(engine, created.TaskId, FileFormat.Csv));

        var single = await engine.Tasks.CreateAsync(
            new CreateTaskRequest { PoolProductIds = { "P4" }, ReRank = true, ValidateOnly = true });
        Assert.False(single.ReRanked);
        Assert.Contains(single.Notes, note => note.Contains("never re-ranked", StringComparison.Ordinal));

        engine.Directory.Publish(RerankedSnapshot.With(content, [1, 2, 3]));
        Assert.Contains(
            "found no ONNX model that can be run",
            await engine.Until("re-ranker", "/health"),
            StringComparison.Ordinal);
        Assert.Equal(
            created.SnapshotId,
            (await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 5, ValidateOnly = true })).SnapshotId);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_number_that_is_no_value_of_an_enum_is_refused()
    {
        await using var engine = await RunningEngine.Start();
        var created = await engine.Tasks.CreateAsync(new CreateTaskRequest { TopK = 1 });
        await Ended(engine, created.TaskId);
        var state = await Assert.ThrowsAsync<RpcException>(
            async () => await engine.Tasks.ListAsync(new ListTasksRequest { State = (TaskState)9 }));
        var format = await Assert.ThrowsAsync<RpcException>(
            () => Downloaded(engine, created.TaskId, (FileFormat)9));
        Assert.Equal((StatusCode.InvalidArgument, StatusCode.InvalidArgument), (state.StatusCode, format.StatusCode));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_campaign_says_for_each_row_what_the_user_did_and_how_the_product_fits()
    {
        await using var engine = await RunningEngine.Start(RandomSnapshot.Content(seed: 4, users: 400, products: 20));
        var did = new BehaviorAudience
        {
            Types_ = { BehaviorType.Purchase, BehaviorType.Cart, BehaviorType.Favorite },
            ProductIds = { "P4" },
            WithinDays = 200,
        };
        var audience = await engine.Catalog.SaveAudienceAsync(new SaveAudienceRequest { Name = "did", Behavior = did });
        var related =
            await engine.Recommender.RelatedProductsAsync(new RelatedProductsRequest { ProductId = "P4", TopK = 3 });
        var created =
            await engine.Tasks.CreateAsync(
                new CreateTaskRequest
                {
                    TopK = 2,
                    Campaign = new RelatedCampaign { ProductId = "P4", RelatedTop = 3, WithinDays = 200 },
                });
        Assert.Equal((audience.UserCount, related.Products.Count), (created.AudienceSize, created.PoolSize));
        Assert.Equal(PurchasedPolicy.Exclude, created.Purchased);
        await Ended(engine, created.TaskId);
        var rows = await Rows(engine, created.TaskId);
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            Assert.Matches(@"^(purchase|cart|favorite) of P4 x\d+, last on 202[01]-\d\d-\d\d$", row.UserReason);
            var product = related.Products.Single(product => product.ProductId == row.ItemId);
            Assert.Equal(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"bought with P4 by {product.Support} users, confidence {product.Confidence:0.000}, "
                    + $"lift {product.Lift:0.00}, strength {product.Strength:0.000}"),
                row.ItemReason);
        }

        // Nothing is stored for so many users: empty, with the reason, and both counts in the reply.
        var none = await engine.Recommender.RelatedProductsAsync(
            new RelatedProductsRequest { ProductId = "P4", TopK = 3, MinSupport = 1000 });
        var all = await engine.Recommender.RelatedProductsAsync(
            new RelatedProductsRequest { ProductId = "P4", MinSupport = 1 });
        Assert.Equal((3, 1000, 1), (related.MinSupport, none.MinSupport, all.MinSupport));
        Assert.Equal(
            (0L, all.EligibleCount, 0L), (none.EligibleCount, none.BelowMinSupportCount, all.BelowMinSupportCount));
        Assert.Contains(
            none.Warnings,
            warning => warning.StartsWith("no related product is left: ", StringComparison.Ordinal)
                && warning.Contains("fewer than 1,000 users", StringComparison.Ordinal));
        var empty =
            await Ended(
                engine,
                (await engine.Tasks.CreateAsync(new CreateTaskRequest
                {
                    Campaign = new RelatedCampaign { ProductId = "P4", MinSupport = 1000 },
                })).TaskId);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await engine.Tasks.CreateAsync(
            new CreateTaskRequest { Campaign = new RelatedCampaign { ProductId = "P4", RelatedTop = 10_001 } }));
        Assert.Contains("campaign.related_top = 10001", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal((1000, 0L, TaskState.Succeeded), (empty.Campaign.MinSupport, empty.RowCount, empty.State));
        Assert.Contains(
            empty.Notes,
            note =>
                note.StartsWith("the result is empty: no related product of 'P4' is left", StringComparison.Ordinal));
        Assert.Equal(
            empty.Notes, (await engine.Tasks.SummaryAsync(new TaskSummaryRequest { TaskId = empty.TaskId })).Notes);

        var again = (await engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = created.TaskId })).AskAgain;
        var online = await engine.Recommender.RecommendAsync(again);
        Assert.Equal(
            rows.Where(row => row.UserId == again.UserId).Select(row => (row.ItemId, row.Score)),
            online.Products.Select(product => (product.ProductId, product.Score)));
        Assert.StartsWith(
            "user_id,item_rank,item_id,score,probability,percentile,item_name,user_reason,item_reason\n",
            await Downloaded(engine, created.TaskId, FileFormat.Csv),
            StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task A_pool_of_one_product_gives_scores_and_one_that_is_out_of_scope_says_so()
    {
        await using var engine = await RunningEngine.Start();
        var single = await Ended(
            engine, (await engine.Tasks.CreateAsync(new CreateTaskRequest { PoolProductIds = { "P5" } })).TaskId);
        Assert.True(single.SingleProduct);
        var rows = await Rows(engine, single.TaskId);
        Assert.Equal(40, rows.Count);
        Assert.All(rows, row => Assert.Equal((0, "P5"), (row.ItemRank, row.ItemId)));
        Assert.Equal(rows.Select(row => row.Score).OrderDescending(), rows.Select(row => row.Score));

        var gone = await Ended(
            engine, (await engine.Tasks.CreateAsync(new CreateTaskRequest { PoolProductIds = { "gone" } })).TaskId);
        Assert.Equal((TaskState.Succeeded, 0), (gone.State, gone.RowCount));
        Assert.Contains(gone.Notes, note => note.Contains("1 are not in the snapshot", StringComparison.Ordinal));
        Assert.Equal(
            [("gone", SkipReason.UnknownProduct)], gone.Skipped.Select(skipped => (skipped.Id, skipped.Reason)));
        Assert.Empty((await engine.Tasks.ResultsAsync(new TaskResultsRequest { TaskId = gone.TaskId })).Results);
        Assert.Equal(
            "kind,id,reason\nproduct,gone,not in the snapshot: never seen or without a purchase in the scope year\n",
            (await Downloaded(engine, gone.TaskId, FileFormat.SkippedCsv)).Replace("\r", "", StringComparison.Ordinal));
    }
}
