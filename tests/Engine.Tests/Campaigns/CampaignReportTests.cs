using System.Globalization;
using System.Text.Json.Nodes;
using Engine.Protos.V1;
using Engine.Server.Errors;
using Engine.Server.Holdouts;
using Engine.Server.Reports;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Tests.Shared;

namespace Engine.Tests.Campaigns;

/// <summary>The page about a campaign and its delivery folder, from a task with a holdout.</summary>
public sealed class CampaignReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FinishedTask _finished = new(
        RandomSnapshot.Content(seed: 6, users: 200),
        new CreateTaskRequest { TopK = 3, HoldoutShare = 0.25, HoldoutSeed = "<spring>" });

    private TaskStore Store => _finished.Store;

    private string TaskId => _finished.Id;

    public void Dispose()
    {
        _finished.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_figures_are_those_of_the_rows()
    {
        var record = Store.Get(TaskId);
        using var snapshot = Snapshot.Open(_finished.Workspace.FilePath(record.SnapshotId));
        var treated = CampaignFigures.Read(Store.ResultPath(TaskId), snapshot, CancellationToken.None);
        Assert.Equal((200 - record.Holdout!.HeldOut, record.Rows), (treated.Users, treated.Rows));
        Assert.Equal(treated.Rows, treated.Products.Sum(product => product.Users));
        Assert.Equal(treated.Rows, treated.Reasons.Sum(reason => reason.Value));
        Assert.True(treated.HasProbabilities);

        var (buyers, promised, none, user) = (0.0, 0.0, 1.0, "");
        foreach (var cells in _finished.Rows())
        {
            if (cells[0] != user)
            {
                (buyers, none, user) = (buyers + 1 - none, 1, cells[0]);
            }

            promised += double.Parse(cells[4], CultureInfo.InvariantCulture);
            none *= 1 - double.Parse(cells[4], CultureInfo.InvariantCulture);
        }

        Assert.Equal(buyers + 1 - none, treated.Buyers, 9);
        Assert.Equal(promised, treated.Products.Sum(product => product.Promised), 9);
    }

    [Fact]
    public void The_page_says_who_what_why_and_the_lift_and_needs_nothing_from_outside()
    {
        using var snapshot = Snapshot.Open(_finished.Workspace.FilePath(Store.Get(TaskId).SnapshotId));
        var treated = CampaignFigures.Read(Store.ResultPath(TaskId), snapshot, CancellationToken.None);
        var heldOut = CampaignFigures.Read(
            HoldoutRecord.FileOf(Store.ResultPath(TaskId)), snapshot, CancellationToken.None);
        var heading = new CampaignHeading(TaskId, [("seed", "<spring>")], ["a note & more"]);
        var page = CampaignPage.Of(heading, treated, heldOut, null);
        Assert.All(
            ["<h2>Who</h2>", "<h2>What</h2>", "<h2>Why</h2>", "<h2>Lift</h2>", "held out", "&lt;spring&gt;",
                "a note &amp; more", "Not measured yet", treated.Products.First().Id, treated.Reasons.First().Key],
            text => Assert.Contains(text, page, StringComparison.Ordinal));
        Assert.All(
            ["<script", "http:", "https:", "src=", "@import", "<spring>"],
            text => Assert.DoesNotContain(text, page, StringComparison.Ordinal));
        Assert.Equal(page, CampaignPage.Of(heading, treated, heldOut, null));
        var comparison = new LiftComparison
        {
            Label = "listed products",
            Treated = new LiftGroup { Users = 10, Conversion = 0.5, Promised = 3.25, Kept = 4321 },
            HeldOut = new LiftGroup { Promised = 1 },
            Verdict = "the difference is within chance",
        };
        var lift = new TaskLiftReply { Listed = comparison, Any = comparison, Repeat = comparison, New = comparison };
        Assert.All(
            ["the difference is within chance", "<td>3.25</td><td>4,321</td>"],
            text => Assert.Contains(
                text, CampaignPage.Of(heading, treated, heldOut, lift), StringComparison.Ordinal));
    }

    [Fact]
    public void A_delivery_appears_whole_once_and_is_checked_when_repeated()
    {
        var to = _folder.File("to");
        var (folder, isNew) = Delivery.Write(Store, TaskId, "csv", to, CancellationToken.None);
        Assert.True(isNew);
        Assert.Equal(
            ["manifest.json", "messages.csv"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))!;
        var lines = File.ReadAllLines(Path.Combine(folder, "messages.csv"));
        Assert.Equal(Store.Get(TaskId).Rows, lines.Length - 1);
        Assert.Equal(lines.Length - 1, (long)manifest["rows"]!);
        Assert.Equal(
            Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "messages.csv")))),
            (string)manifest["sha256"]!);
        Assert.Equal((folder, false), Delivery.Write(Store, TaskId, "csv", to, CancellationToken.None));
        Assert.Throws<StateException>(() => Delivery.Write(Store, TaskId, "parquet", to, CancellationToken.None));
        File.AppendAllText(Path.Combine(folder, "messages.csv"), "more");
        Assert.Throws<StateException>(() => Delivery.Write(Store, TaskId, "csv", to, CancellationToken.None));
        Assert.Equal([folder], Directory.GetDirectories(to));
    }

    [Fact]
    public void A_delivery_deletes_what_killed_ones_left_behind()
    {
        var to = _folder.File("to");
        string[] left = ["20260101-120000123-0a1f.partial", $"{TaskId}.partial"];
        string[] others = ["notes.partial", "20260101-120000123-0a1f", "20261301-120000123-0a1f.partial"];
        foreach (var name in left.Concat(others))
        {
            var folder = Directory.CreateDirectory(Path.Combine(to, "." + name)).FullName;
            File.WriteAllText(Path.Combine(folder, "messages.csv"), "half");
        }

        var (delivered, _) = Delivery.Write(Store, TaskId, "csv", to, CancellationToken.None);
        Assert.Equal(
            others.Select(name => Path.Combine(to, "." + name)).Append(delivered).Order(StringComparer.Ordinal),
            Directory.GetDirectories(to).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_delivery_that_is_stopped_leaves_nothing()
    {
        var to = _folder.File("to");
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Delivery.Write(Store, TaskId, "parquet", to, stopped.Token));
        Assert.Empty(Directory.GetDirectories(to));
        Assert.Throws<NotFoundException>(() => Delivery.Write(Store, "none", "csv", to, CancellationToken.None));
    }
}
