using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Configuration;
using Engine.Server.Warming;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>The sample of recent requests: bounded, cheap, without the forgotten, and asked again before a swap.</summary>
public sealed class RecentRequestsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_call_in_64_is_copied_and_the_last_64_copies_are_kept()
    {
        var recent = new RecentRequests(() => ForgottenUsers.None);
        var request = new RecommendRequest();
        for (var call = 0; call < 100 * RecentRequests.Every; call++)
        {
            request.UserId = $"{call}";
            recent.Offer(request, "");
        }

        Assert.Equal(
            Enumerable.Range(36, 64).Select(sample => $"{sample * RecentRequests.Every}"),
            recent.All.Select(one => ((RecommendRequest)one).UserId));
        Assert.DoesNotContain(request, recent.All, ReferenceEqualityComparer.Instance);
        recent.Clear();
        Assert.Empty(recent.All);
        recent.Offer(request, "");
        Assert.Single(recent.All);
    }

    [Fact]
    public void Calls_that_are_not_copied_allocate_nothing()
    {
        var recent = new RecentRequests(() => ForgottenUsers.None);
        var request = new RecommendRequest { UserId = "u" };
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var call = 0; call < RecentRequests.Every / 4; call++)
            {
                recent.Offer(request, "");
            }
        }));
        Assert.Single(recent.All.Distinct());
    }

    [Fact]
    public void Large_requests_and_those_that_name_a_snapshot_are_not_kept()
    {
        var recent = new RecentRequests(() => ForgottenUsers.None);
        Sample(recent, new RecommendRequest { UserId = new string('x', RecentRequests.MostBytes) });
        Sample(recent, new RecommendRequest { UserId = "u" }, "20210801-n60-00000000");
        Assert.Empty(recent.All);
    }

    [Fact]
    public void Who_is_forgotten_is_in_no_copy()
    {
        var forgotten = ForgottenUsers.None;
        var recent = new RecentRequests(() => forgotten);
        Sample(recent, new RecommendRequest { UserId = "ada" });
        Sample(recent, new ScoreRequest { UserIds = { "bob", "ada" }, ProductIds = { "P1" } });
        Assert.Equal(2, recent.All.Count);
        ForgottenUsers.Add(_folder.Path, "ada");
        forgotten = ForgottenUsers.Read(_folder.Path);
        recent.Clear();
        Sample(recent, new RecommendRequest { UserId = "ada" });
        Sample(recent, new ScoreRequest { UserIds = { "bob", "ada" }, ProductIds = { "P1" } });
        Sample(recent, new NextOrderRequest { UserIds = { "ada" } });
        Sample(recent, new RecommendPageRequest { UserId = "ada" });
        Assert.Empty(recent.All);
        Sample(recent, new RecommendRequest { UserId = "bob" });
        Assert.Single(recent.All);
    }

    [Fact]
    public void A_workspace_drops_its_sample_when_somebody_is_forgotten()
    {
        new SnapshotDirectory(_folder.Path).Publish(RandomSnapshot.Content(1));
        using var workspace = Open((_, _, _) => { });
        workspace.Refresh();
        Sample(workspace.Recent, new RecommendRequest { UserId = "user-3é" });
        workspace.Refresh();
        Assert.Single(workspace.Recent.All);
        ForgottenUsers.Add(workspace.Catalog.Folder, "user-4é");
        workspace.Refresh();
        Assert.Empty(workspace.Recent.All);

        // The list is read again for each snapshot, and the sample stays.
        Sample(workspace.Recent, new RecommendRequest { UserId = "user-3é" });
        new SnapshotDirectory(_folder.Path).Publish(RandomSnapshot.Content(2));
        workspace.Refresh();
        Assert.Single(workspace.Recent.All);
    }

    [Fact]
    public void A_new_snapshot_answers_the_sample_before_it_is_served()
    {
        new SnapshotDirectory(_folder.Path).Publish(RandomSnapshot.Content(1));
        var replayed = new List<IReadOnlyList<IMessage>>();
        using var workspace = Open((_, _, recent) => replayed.Add(recent));
        workspace.Refresh();
        Sample(workspace.Recent, new RecommendRequest { UserId = "user-3é" });
        var next = new SnapshotDirectory(_folder.Path).Publish(RandomSnapshot.Content(2));
        workspace.Refresh();
        Assert.Equal(next, workspace.ActiveId);
        Assert.Equal([0, 1], replayed.Select(requests => requests.Count));
    }

    [Fact]
    public void What_the_new_snapshot_lacks_is_passed_over_and_the_rest_is_answered()
    {
        var content = RandomSnapshot.Content(1);
        using var model = new ScoringModel(RandomSnapshot.Open(content, _folder));
        IMessage[] requests =
        [
            new RecommendRequest { UserId = "user-3é" },
            new RecommendRequest { UserId = "gone" },
            new RecommendRequest { UserId = "user-3é", Pool = new PoolFilter { Pool = "deleted" } },
            new RecommendRequest { UserId = "user-3é", Pool = new PoolFilter { Rule = "no_such_tag = 'x'" } },
            new RelatedProductsRequest { ProductId = "P1" },
            new RelatedProductsRequest { ProductId = "gone" },
            new ScoreRequest { UserIds = { "user-3é" }, ProductIds = { "P1" } },
            new ExplainRequest { UserId = "user-3é", ProductId = "P1" },
            new RankTagValuesRequest { UserId = "user-3é", Tag = "category" },
            new RecommendPlacementRequest { UserId = "user-3é", Placement = "gone" },
            new RecommendPageRequest { UserId = "user-3é", Placements = { "gone" } },
        ];
        var answered = Replay.Run(model, new WorkspaceCatalog(_folder.Path), requests, TimeProvider.System);
        Assert.Equal(5, answered);
    }

    [Fact]
    public void A_request_that_fails_by_no_fault_of_its_own_rejects_the_snapshot()
    {
        using var model = new ScoringModel(RandomSnapshot.Open(Overflowing(), _folder));
        var catalog = new WorkspaceCatalog(_folder.Path);
        IMessage[] requests = [new RecommendRequest { UserId = "user-0é" }];
        Assert.Throws<ScoreException>(() => Replay.Run(model, catalog, requests, TimeProvider.System));
        var refused =
            Assert.Throws<InputException>(() => WarmUp.Run(model, catalog, requests, TimeProvider.System));
        Assert.Contains("rejected", refused.Message, StringComparison.Ordinal);
        Assert.Contains("expected a finite number", refused.Message, StringComparison.Ordinal);
    }

    // Finite factors whose products are not.
    private static SnapshotContent Overflowing()
    {
        var content = RandomSnapshot.Content(1);
        foreach (var rows in (FactorContent[])[content.UserFactors, content.ProductFactors])
        {
            for (var row = 0; row < rows.Rows; row++)
            {
                rows.Row(row)[..8].Fill(1e20f);
            }
        }

        return content;
    }

    private static void Sample(RecentRequests recent, IMessage request, string snapshotId = "")
    {
        for (var call = 0; call < RecentRequests.Every; call++)
        {
            recent.Offer(request, snapshotId);
        }
    }

    private Workspace Open(WarmUpQueries warmUp)
    {
        using var services =
            new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<ServerMetrics>()
                .BuildServiceProvider();
        return new Workspace(
            new SnapshotDirectory(_folder.Path),
            new ServerOptions { Snapshots = _folder.Path },
            services.GetRequiredService<ServerMetrics>(),
            warmUp,
            NullLogger.Instance);
    }
}
