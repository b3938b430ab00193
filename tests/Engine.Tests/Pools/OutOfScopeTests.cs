using Engine.Protos.V1;
using Engine.Scoring.Models;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Snapshots.Writing;
using Tests.Shared;
using Campaign = Engine.Scoring.Batch.RelatedCampaign;
using Kind = Engine.Snapshots.Manifest.BehaviorType;

namespace Engine.Tests.Pools;

/// <summary>Audiences by behavior hold everybody in the dataset who did it, in scope or not.</summary>
public sealed class OutOfScopeTests : IDisposable
{
    private const int Day = 18_840; // 2021-08-01, the last day

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotContent _content;
    private readonly ScoringModel _model;
    private readonly WorkspaceCatalog _catalog;

    public OutOfScopeTests()
    {
        var content = RandomSnapshot.Content(7, users: 3, products: 12);
        // Users 0 to 2, then "guest" and "old"; P12 is "new-product".
        _content = content with
        {
            History =
                new HistoryContent([0, 1, 1, 2], [4, 4], [365, 300], [(byte)Kind.Cart, (byte)Kind.Purchase], [1, 2]),
            OutOfScope = new OutOfScopeContent(
                ["guest", "old"],
                ["new-product"],
                [0, 1, 1, 1, 3, 4],
                [4, 4, 12, 4],
                [10_000, Day - 5, Day - 1, 12_000],
                [(byte)Kind.Purchase, (byte)Kind.Cart, (byte)Kind.View, (byte)Kind.Purchase],
                [5, 1, 1, 1]),
        };
        _model = new ScoringModel(RandomSnapshot.Open(_content, _folder));
        _catalog = new WorkspaceCatalog(_folder.Path);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Everybody_who_did_it_is_in_the_audience()
    {
        Assert.Equal([Id(0), Id(2), "guest", "old"], Save("P4", 0, 1, Kind.Cart, Kind.Purchase));
        Assert.Equal([Id(0), Id(2), "old"], Save("P4", 0, 1, Kind.Purchase));
        Assert.Equal([Id(0)], Save("P4", 0, 5, Kind.Purchase));
        Assert.Equal([Id(0), "guest"], Save("P4", 30, 1, Kind.Cart, Kind.Purchase));
        Assert.Equal(["guest"], Save("new-product", 0, 1, Kind.View));
        Assert.Equal([Id(0), Id(2), "guest", "old"], Save("", 0, 1, Kind.View, Kind.Cart, Kind.Purchase));
    }

    [Fact]
    public void A_campaign_counts_those_who_have_no_personal_score()
    {
        var campaign = new Campaign { ProductId = "P4", Types = new HashSet<Kind> { Kind.Cart, Kind.Purchase } };
        var (audience, _, reasons) = campaign.Resolve(_model, null, new RelatedQuery());
        Assert.Equal((4, 2), (audience.DeclaredCount, audience.InScopeCount));
        Assert.Equal(["guest", "old"], audience.OutOfScope);
        Assert.StartsWith(
            "purchase of P4 x5, last on 1997-05-19",
            System.Text.Encoding.UTF8.GetString(
                reasons.OfUser(new Engine.Snapshots.Ids.UserOrdinal(_model.Snapshot.UserIds.Find(Id(0))))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Renumbering_users_keeps_their_rows()
    {
        var ordered = UserOrder.ByNorm(_content);
        Assert.Equal(Rows(_content), Rows(ordered));
    }

    private static string[] Rows(SnapshotContent content)
    {
        string[] users = [.. content.UserIds, .. content.OutOfScope!.UserIds];
        return
        [
            .. users.Index().SelectMany(user => Enumerable.Range(0, content.OutOfScope.Products.Length)
                .Where(
                    at => at >= content.OutOfScope.Offsets[user.Index]
                        && at < content.OutOfScope.Offsets[user.Index + 1])
                .Select(
                    at => $"{user.Item} {content.OutOfScope.Products[at]} {content.OutOfScope.Types[at]} "
                        + $"{content.OutOfScope.Days[at]} {content.OutOfScope.Counts[at]}"))
                .Order(StringComparer.Ordinal),
        ];
    }

    private string Id(int user) => _content.UserIds[user];

    private IEnumerable<string> Save(string product, int withinDays, int atLeast, params Kind[] types)
    {
        var behavior = new Protos.V1.BehaviorAudience
        {
            AtLeast = atLeast,
            WithinDays = withinDays,
            Types_ = { types.Select(type => (Protos.V1.BehaviorType)(int)type) },
        };
        if (product.Length > 0)
        {
            behavior.ProductIds.Add(product);
        }

        AudienceAnswers.Save(_model, _catalog, new SaveAudienceRequest { Name = "did", Behavior = behavior });
        return _catalog.Audiences.Ids("did");
    }
}
