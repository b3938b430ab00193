using System.Globalization;
using Engine.Protos.V1;
using Engine.Server.Contract;
using Engine.Server.Tasks;
using Tests.Shared;

namespace Engine.Tests.Campaigns;

/// <summary>Tasks with an allocation: rows within the limits, and a summary with the bound and the prices.</summary>
public sealed class AllocationTaskTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(0.3)]
    public void Rows_keep_all_limits_and_the_summary_adds_up(double? share)
    {
        var request = Request();
        if (share is { } heldOut)
        {
            request.HoldoutShare = heldOut;
        }

        using var task = new FinishedTask(RandomSnapshot.Content(seed: 6, users: 300), request);
        Assert.True(task.Record.Stage == TaskStage.Succeeded, task.Record.Error);
        var rows = task.Rows().Concat(share is null ? [] : task.Rows(heldOut: true)).ToArray();
        var summary = TaskResults.Summary(
            task.Store, new TaskSummaryRequest { TaskId = task.Id }, CancellationToken.None).Allocation;
        Assert.Equal(summary.Contacts, rows.Length);
        Assert.InRange(rows.Length, 30, 150);
        Assert.All(rows.GroupBy(row => row[0]), user => Assert.InRange(user.Count(), 1, 2));
        Assert.Equal(["P1", "P2", "P3", "P4"], summary.Products.Select(product => product.ProductId));
        Assert.All(summary.Products, product =>
        {
            Assert.Equal(rows.Count(row => row[2] == product.ProductId), product.Contacts);
            Assert.InRange(product.Contacts, product.Minimum, product.Stock);
        });
        Assert.InRange(summary.Value, summary.Bound * 0.999, summary.Bound + 1e-9);
        Assert.True(summary.Value >= summary.GreedyValue - 1e-9 || !summary.GreedyMeetsMinimums);
        Assert.Equal(["1"], rows.Select(row => row[1]).Distinct().Except(["2"]));
        var worth = rows.Sum(row =>
            (double.Parse(row[4], CultureInfo.InvariantCulture) * Offer(row[2]).Value) - Offer(row[2]).Cost);
        Assert.Equal(summary.Value, worth, 3);
    }

    [Fact]
    public void The_number_of_threads_does_not_change_the_rows()
    {
        var content = RandomSnapshot.Content(seed: 6, users: 300);
        using var one = new FinishedTask(content, Request(), threads: 1);
        using var three = new FinishedTask(content, Request(), threads: 3);
        Assert.Equal(
            File.ReadAllBytes(one.Store.ResultPath(one.Id)), File.ReadAllBytes(three.Store.ResultPath(three.Id)));
    }

    /// <summary>Looks at the clock: the task, then for each of its two files one, and one for each part.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_stopped_task_resumes_with_the_same_rows(int stopAfter)
    {
        var content = RandomSnapshot.Content(seed: 6, users: 700);
        var request = Request();
        (request.HoldoutShare, request.HoldoutSeed) = (0.4, "spring");
        using var whole = new FinishedTask(content, request);
        using var resumed = new FinishedTask(content, request, stopAfter: stopAfter);
        Assert.True(resumed.Record.Stage == TaskStage.Succeeded, resumed.Record.Error);
        foreach (var heldOut in new[] { false, true })
        {
            Assert.Equal(
                File.ReadAllBytes(whole.Store.ResultPath(whole.Record, heldOut)),
                File.ReadAllBytes(resumed.Store.ResultPath(resumed.Record, heldOut)));
        }
    }

    [Fact]
    public void Wrong_questions_are_refused_and_limits_that_contradict_each_other_fail()
    {
        Refused(request => request.TopK = 3, "expected it alone");
        Refused(request => request.Allocation.Products.Add(Offer("P1")), "twice or not in the snapshot");
        Refused(request => request.Allocation.Products[0].Minimum = 1_000, "minimum = 1000, expected 0..40");
        Refused(request => request.Allocation.Products.Clear(), "allocation.products = 0, expected 2..10000");
        Refused(request => request.Allocation.ContactsPerUser = 101, "expected 1..100");
        var impossible = Request();
        impossible.Allocation.Contacts = 3;
        using var task = new FinishedTask(RandomSnapshot.Content(seed: 6, users: 300), impossible);
        Assert.Equal(TaskStage.Failed, task.Record.Stage);
        Assert.Contains("Lower the minimums", task.Record.Error, StringComparison.Ordinal);
    }

    private static void Refused(Action<CreateTaskRequest> change, string reason)
    {
        var request = Request();
        change(request);
        Assert.Contains(
            reason,
            Assert.ThrowsAny<InputException>(
                () => new FinishedTask(RandomSnapshot.Content(seed: 6, users: 300), request)).Message,
            StringComparison.Ordinal);
    }

    private static CreateTaskRequest Request() => new()
    {
        Allocation = new CampaignAllocation
        {
            Products = { Offer("P1"), Offer("P2"), Offer("P3"), Offer("P4") },
            ContactsPerUser = 2,
            Contacts = 150,
        },
    };

    private static OfferedProduct Offer(string id) => new()
    {
        ProductId = id,
        Stock = 40,
        Minimum = id == "P1" ? 10 : 0,
        Value = id == "P2" ? 8 : 5,
        Cost = 0.01,
    };
}
