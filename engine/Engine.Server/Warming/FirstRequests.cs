using Engine.Protos.V1;
using Engine.Server.Catalog;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;
using Google.Protobuf;
using PurchasedPolicy = Engine.Protos.V1.PurchasedPolicy;

namespace Engine.Server.Warming;

/// <summary>A request of each kind that callers send, about what a snapshot holds.</summary>
internal static class FirstRequests
{
    private const int Placements = 3;

    /// <summary>Methods of Recommender with their requests. A shard is named: it answers them alone.</summary>
    /// <param name="workspace">Its name.</param>
    /// <param name="snapshot">The served one.</param>
    /// <param name="catalog">Of the workspace.</param>
    public static IEnumerable<(string Method, IMessage Request)> Of(
        string workspace, Snapshot snapshot, WorkspaceCatalog catalog)
    {
        var id = snapshot.Shard is null ? "" : snapshot.Id;
        var user = Enumerable.Range(0, snapshot.UserIds.Count)
            .Where(one => !snapshot.HiddenUsers.Contains(one)).Select(snapshot.UserIds.Get).FirstOrDefault("nobody");
        var product = snapshot.ProductIds.Count > 0 ? snapshot.ProductIds.Get(0) : "nothing";
        RecommendRequest Recommend() => new() { Workspace = workspace, SnapshotId = id, UserId = user };

        yield return Of(Recommend());
        yield return Of(new RecommendRequest(Recommend()) { Explain = true, Purchased = PurchasedPolicy.Exclude });
        yield return Of(new RecommendRequest(Recommend()) { ExcludeProductIds = { product } });
        yield return Of(
            new RecommendRequest(Recommend()) { UserId = "", Recent = { new RecentBehavior { ProductId = product } } });
        yield return Of(
            new RecommendRequest(Recommend()) { UserId = "", OnUnknown = OnUnknownUser.PopularInPool });
        yield return Of(
            new RecommendRequest(Recommend()) { UserId = "no such user", OnUnknown = OnUnknownUser.PopularInPool });
        yield return Of(new RecommendRequest(Recommend()) { UserId = "" });
        yield return Of(new RecommendRequest(Recommend()) { Pool = new PoolFilter { ProductIds = { product } } });
        foreach (var pool in catalog.Pools.List().Take(Placements))
        {
            yield return Of(new RecommendRequest(Recommend()) { Pool = new PoolFilter { Pool = pool.Name } });
        }

        foreach (var tag in snapshot.Manifest.Tags.DistinctBy(tag => tag.Type))
        {
            var rule = tag.Type switch
            {
                TagValueType.Number => $"{tag.Column} >= 0",
                TagValueType.Date => $"{tag.Column} >= '2000-01-01'",
                _ => $"{tag.Column} != 'no such value'",
            };
            yield return Of(new RecommendRequest(Recommend()) { Pool = new PoolFilter { Rule = rule } });
        }

        foreach (var asked in (string[])[product, "no such product"])
        {
            yield return Of(
                new RelatedProductsRequest { Workspace = workspace, SnapshotId = id, ProductId = asked });
        }

        yield return Of(
            new ScoreRequest { Workspace = workspace, SnapshotId = id, UserIds = { user }, ProductIds = { product } });
        yield return Of(
            new ExplainRequest { Workspace = workspace, SnapshotId = id, UserId = user, ProductId = product });
        yield return Of(new NextOrderRequest { Workspace = workspace, SnapshotId = id, UserIds = { user } });
        yield return Of(
            new RankTagValuesRequest
            {
                Workspace = workspace,
                SnapshotId = id,
                UserId = user,
                Tag = snapshot.Manifest.Tags
                    .FirstOrDefault(tag => tag.Type is TagValueType.Text or TagValueType.MultiText)?.Column ?? "none",
            });
        foreach (var request in Placed(workspace, id, user, product, catalog))
        {
            yield return Of(request);
        }

        yield return Of(
            new RankUsersRequest { Workspace = workspace, SnapshotId = id, ProductId = product, AllowPartial = true });
        yield return Of(
            new EstimateAudienceRequest
            {
                Workspace = workspace,
                SnapshotId = id,
                ProductId = product,
                AllowPartial = true,
            });
        yield return Of(
            new RecommendForAudienceRequest
            {
                Workspace = workspace,
                SnapshotId = id,
                UserIds = { user },
                AllowPartial = true,
            });
    }

    // Saved placements and pages of them; one on trial, since there may be none.
    private static IEnumerable<IMessage> Placed(
        string workspace, string id, string user, string product, WorkspaceCatalog catalog)
    {
        string[] saved = [.. catalog.Placements.List().Select(placement => placement.Name).Take(Placements)];
        foreach (var shopper in (string[])[user, ""])
        {
            foreach (var name in saved)
            {
                yield return new RecommendPlacementRequest
                {
                    Workspace = workspace,
                    SnapshotId = id,
                    UserId = shopper,
                    Placement = name,
                    PageProductIds = { product },
                };
            }

            yield return new RecommendPlacementRequest
            {
                Workspace = workspace,
                SnapshotId = id,
                UserId = shopper,
                Trial = new Placement { TopK = 5 },
            };
        }

        var page = new RecommendPageRequest { Workspace = workspace, SnapshotId = id, UserId = user };
        page.Placements.AddRange(saved.DefaultIfEmpty("none"));
        yield return page;
    }

    // Requests are named after their methods.
    private static (string Method, IMessage Request) Of(IMessage request) =>
        (request.Descriptor.Name[..^"Request".Length], request);
}
