using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Scoring.Placements;
using Engine.Scoring.Pools;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// Whether a call that is light as a rule is heavy by what it asks: then it waits with the heavy ones. Light calls take
/// a few milliseconds at most.
/// </summary>
internal static class CallCost
{
    private const int LightTopK = 1_000;
    private const int LightExplained = 100;
    private const int LightIds = 10_000;
    private const int LightForecasts = 20;
    private const int LightScored = 50_000;

    // Comparisons and ids of a pool that is not resolved yet: some milliseconds.
    private const long LightPool = 250_000;

    /// <summary>Recommend.</summary>
    /// <exception cref="InputException">There is no such pool, or its rule is malformed.</exception>
    public static bool IsHeavy(ScoringModel model, WorkspaceCatalog catalog, Proto.RecommendRequest request) =>
        request.TopK > (request.Explain ? LightExplained : LightTopK)
            || IsHeavy(model, catalog, request.Pool, request.ExcludeProductIds.Count);

    /// <summary>RelatedProducts.</summary>
    /// <exception cref="InputException">There is no such pool, or its rule is malformed.</exception>
    public static bool IsHeavy(ScoringModel model, WorkspaceCatalog catalog, Proto.RelatedProductsRequest request) =>
        request.TopK > LightTopK || IsHeavy(model, catalog, request.Pool, request.ExcludeProductIds.Count);

    /// <summary>RecommendPlacement: a trial has rules that are not resolved yet.</summary>
    /// <exception cref="InputException">There is no such placement or pool.</exception>
    public static bool IsHeavy(
        ScoringModel model, WorkspaceCatalog catalog, Proto.RecommendPlacementRequest request) =>
        request.Trial is not null
            || IsHeavy(
                model, catalog, "placement", [request.Placement], request.Explain, request.ExcludeProductIds.Count);

    /// <summary>NextOrder.</summary>
    /// <exception cref="InputException">There is no such pool, or its rule is malformed.</exception>
    public static bool IsHeavy(ScoringModel model, WorkspaceCatalog catalog, Proto.NextOrderRequest request) =>
        request.UserIds.Count > LightForecasts || IsHeavy(model, catalog, request.Pool, 0);

    /// <summary>RankTagValues: it scores every product.</summary>
    /// <exception cref="InputException">There is no such pool, or its rule is malformed.</exception>
    public static bool IsHeavy(ScoringModel model, WorkspaceCatalog catalog, Proto.RankTagValuesRequest request) =>
        model.Products.Rows > LightScored || IsHeavy(model, catalog, request.Pool, request.ExcludeProductIds.Count);

    /// <summary>RecommendPage.</summary>
    /// <exception cref="InputException">There is no such placement or pool.</exception>
    public static bool IsHeavy(ScoringModel model, WorkspaceCatalog catalog, Proto.RecommendPageRequest request) =>
        IsHeavy(
            model, catalog, "placements", request.Placements, request.Explain, request.ExcludeProductIds.Count);

    // All placements of a page together: each resolves its rules, and looks up what the request excludes, by itself.
    private static bool IsHeavy(
        ScoringModel model,
        WorkspaceCatalog catalog,
        string field,
        IReadOnlyList<string> names,
        bool explain,
        long excluded)
    {
        var placements = names.Select(name => catalog.Placements.Get(RequestFields.Needed(field, name))).ToList();
        return placements.Sum(one => one.TopK) > (explain ? LightExplained : LightTopK)
            || placements.Sum(one => excluded + one.ExcludedProductIds.Count) > LightIds
            || placements.Sum(one => PlacementRecommender.CostOf(model, one)
                + (one.Pool.Length > 0 ? model.CostOf(catalog.Pools.Get(one.Pool)) : 0)) > LightPool;
    }

    private static bool IsHeavy(ScoringModel model, WorkspaceCatalog catalog, Proto.PoolFilter? pool, int excluded)
    {
        if (pool is null)
        {
            return excluded > LightIds;
        }

        return excluded + pool.ProductIds.Count > LightIds
            || (pool.Pool.Length > 0 && model.CostOf(catalog.Pools.Get(pool.Pool)) > LightPool)
            || (pool.Rule.Length > 0 && model.CostOf(PoolDefinition.OfRule(pool.Rule)) > LightPool);
    }
}
