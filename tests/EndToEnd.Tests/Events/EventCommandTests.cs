using Engine.Protos.V1;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Events;

/// <summary>events put and blocked stock against a running engine.</summary>
public sealed class EventCommandTests
{
    [Fact]
    public async Task A_file_is_sent_once_however_often_and_refused_rows_are_printed()
    {
        await using var engine = await RunningEngine.Start();
        using var folder = new TemporaryFolder();
        var file = folder.Write("events.csv", """
            user_id,product_id,type,time
            fresh,P4,purchase,2021-08-02 10:00:00
            fresh,P5,view,2021-08-02T10:00:00
            fresh,P5,bought,2021-08-02T10:00:00

            """);
        string[] put = ["events", "put", file, "--url", engine.Http.BaseAddress!.ToString()];
        var first = await ProgramOutput.OfEngine(put);
        Assert.Contains("row 3: found type = 0", first.Error, StringComparison.Ordinal);
        Assert.Contains("2 of 3 rows accepted, 1 refused; events version 2.", first.Output, StringComparison.Ordinal);
        Assert.Equal(1, first.ExitCode);
        var json = System.Text.Json.Nodes.JsonNode.Parse((await ProgramOutput.OfEngine([.. put, "--json"])).Output)!;
        Assert.Equal(("2", true), ((string)json["accepted_count"]!, (bool)json["repeated"]!));
        Assert.Equal("events[2].type", (string)json["refused"]![0]!["field"]!);
        var again = await ProgramOutput.OfEngine(put);
        Assert.Contains("nothing was added", again.Output, StringComparison.Ordinal);
        var reply = await engine.Recommender.RecommendAsync(
            new RecommendRequest { UserId = "fresh", Purchased = PurchasedPolicy.Only });
        Assert.Equal(("P4", 2L), (Assert.Single(reply.Products).ProductId, reply.EventsVersion));
    }

    [Fact]
    public async Task A_mistyped_column_of_counts_is_refused()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("events.csv", "user_id,product_id,type,time,Count\nu,P4,purchase,2021-08-02T10:00:00,3\n");
        var run = await ProgramOutput.OfEngine("events", "put", file, "--url", "http://127.0.0.1:9");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("found the column 'Count' in", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_out_of_stock_is_out_of_the_next_answer_and_comes_back()
    {
        await using var engine = await RunningEngine.Start();
        using var folder = new TemporaryFolder();
        var ask = new RecommendRequest { UserId = "user-1é", TopK = 30 };
        Assert.Equal(30, (await engine.Recommender.RecommendAsync(ask)).Products.Count);
        var file = folder.Write("stock.csv", "product_id,quantity\nP1,0\nP2,5\nP3,-1\n");
        string[] command = ["blocked", "stock", file, "--snapshots", engine.Root];
        Assert.Equal(0, (await ProgramOutput.OfEngine(command)).ExitCode);
        var left = (await engine.Recommender.RecommendAsync(ask)).Products.Select(row => row.ProductId).ToArray();
        Assert.Equal(28, left.Length);
        Assert.DoesNotContain("P1", left);
        folder.Write("stock.csv", "product_id,quantity\nP1,7\n");
        Assert.Equal(0, (await ProgramOutput.OfEngine(command)).ExitCode);
        Assert.Equal(29, (await engine.Recommender.RecommendAsync(ask)).Products.Count);
        // A mistyped product stays for sale.
        folder.Write("stock.csv", "product_id,quantity\nP1,7\np6,0\nP07,2\n");
        var told = await ProgramOutput.OfEngine(command);
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("2 of 3 product ids unknown: p6, P07.", told.Output, StringComparison.Ordinal);
        told = await ProgramOutput.OfEngine([.. command, "--json"]);
        Assert.Contains("\"2 of 3 product ids unknown: p6, P07\"", told.Output, StringComparison.Ordinal);
        // Sizes of one product.
        folder.Write("stock.csv", "product_id,quantity\nP4,2\nP4,0\nP5,0\nP5,0\n");
        Assert.Equal(0, (await ProgramOutput.OfEngine(command)).ExitCode);
        left = [.. (await engine.Recommender.RecommendAsync(ask)).Products.Select(row => row.ProductId)];
        Assert.Equal((28, true, false), (left.Length, left.Contains("P4"), left.Contains("P5")));
        foreach (var quantity in new[] { "many", "\"-0,5\"" })
        {
            folder.Write("stock.csv", $"product_id,quantity\nP3,7\nP4,{quantity}\n");
            var refused = await ProgramOutput.OfEngine(command);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("line 3", refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal(28, (await engine.Recommender.RecommendAsync(ask)).Products.Count);
    }
}
