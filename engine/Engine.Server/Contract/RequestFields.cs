using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots.Manifest;
using Google.Protobuf.Collections;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// From the fields of the contract to the terms of the engine: defaults for unset fields, enums, lists. Ranges are
/// checked by the queries themselves.
/// </summary>
internal static class RequestFields
{
    /// <summary>Products or users in a reply when the request does not say.</summary>
    public const int DefaultTopK = 10;

    /// <summary>More recent behavior than this is rejected before it is copied.</summary>
    private const int MaximumRecent = RecommendQuery.MaximumRecent;

    /// <summary>0 means not set.</summary>
    public static int OrDefault(int value, int fallback) => value == 0 ? fallback : value;

    /// <exception cref="InputException">No value of the enum.</exception>
    public static PurchasedPolicy Purchased(Proto.PurchasedPolicy value) => value switch
    {
        Proto.PurchasedPolicy.Unspecified or Proto.PurchasedPolicy.Include => PurchasedPolicy.Include,
        Proto.PurchasedPolicy.Exclude => PurchasedPolicy.Exclude,
        Proto.PurchasedPolicy.Only => PurchasedPolicy.Only,
        _ => throw Unknown("purchased", (int)value, "0..3 (unspecified, include, exclude, only)"),
    };

    /// <exception cref="InputException">No value of the enum.</exception>
    public static UnknownUserPolicy OnUnknown(Proto.OnUnknownUser value) => value switch
    {
        Proto.OnUnknownUser.Unspecified or Proto.OnUnknownUser.Error => UnknownUserPolicy.Error,
        Proto.OnUnknownUser.Empty => UnknownUserPolicy.Empty,
        Proto.OnUnknownUser.PopularInPool => UnknownUserPolicy.PopularInPool,
        _ => throw Unknown("on_unknown", (int)value, "0..3 (unspecified, error, empty, popular in pool)"),
    };

    /// <exception cref="InputException">No value of the enum.</exception>
    public static PoolScore By(Proto.PoolScore value) => value switch
    {
        Proto.PoolScore.Unspecified or Proto.PoolScore.Best => PoolScore.Best,
        Proto.PoolScore.Mean => PoolScore.Mean,
        _ => throw Unknown("by", (int)value, "0..2 (unspecified, best, mean)"),
    };

    /// <summary>The users of a request: a saved audience, an inline one, both at once, or all.</summary>
    /// <exception cref="NotFoundException">There is no saved audience of that name.</exception>
    public static void Fill(
        UserFilter filter,
        ScoringModel model,
        WorkspaceCatalog catalog,
        string audience,
        RepeatedField<string> ids,
        bool inline,
        CancellationToken cancellation)
    {
        filter.Audience = audience.Length > 0 ? AudienceAnswers.Members(model, catalog, audience, cancellation) : null;
        filter.HasAudience = inline || ids.Count > 0;
        Copy(ids, filter.AudienceUserIds);
    }

    /// <summary>Pools, blocked products and exclusions.</summary>
    /// <exception cref="NotFoundException">There is no saved pool of that name.</exception>
    /// <exception cref="RuleException">The rule is malformed, or does not fit the tags of the snapshot.</exception>
    public static void Fill(
        ProductFilter filter,
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.PoolFilter? pool,
        RepeatedField<string> excluded,
        CancellationToken cancellation)
    {
        filter.SavedPool = pool is { Pool.Length: > 0 }
            ? model.Resolve(catalog.Pools.Get(pool.Pool), cancellation)
            : null;
        filter.Rule = pool is { Rule.Length: > 0 }
            ? model.Resolve(PoolDefinition.OfRule(pool.Rule), cancellation)
            : null;
        filter.Blocked = catalog.Blocked.Resolve(model, cancellation);
        filter.HasPool = pool is { Inline: true } or { ProductIds.Count: > 0 };
        Copy(pool?.ProductIds, filter.PoolProductIds);
        Copy(excluded, filter.ExcludedProductIds);
    }

    /// <summary>Recent behavior; an unset type means purchase, an unset count once.</summary>
    /// <exception cref="InputException">More than 256 rows, or an unknown type.</exception>
    public static void Fill(IList<RecentBehavior> target, RepeatedField<Proto.RecentBehavior> recent)
    {
        if (recent.Count > MaximumRecent)
        {
            throw new FieldException(
                "recent",
                $"found {recent.Count} rows in recent; expected at most {MaximumRecent}. Send the latest ones");
        }

        target.Clear();
        // By index: the enumerator of a repeated field is an object.
        for (var i = 0; i < recent.Count; i++)
        {
            var behavior = recent[i];
            target.Add(
                new RecentBehavior(
                    behavior.ProductId,
                    TypeOf(behavior.Type) ?? throw UnknownType($"recent[{i}].type", behavior.Type),
                    behavior.AgeDays,
                    OrDefault(behavior.Count, 1)));
        }
    }

    /// <summary>Replaces what is in <paramref name="target"/>.</summary>
    public static void Copy(RepeatedField<string>? ids, IList<string> target)
    {
        target.Clear();
        if (ids is null)
        {
            return;
        }

        for (var i = 0; i < ids.Count; i++)
        {
            target.Add(ids[i]);
        }
    }

    /// <summary>Behavior types; unspecified means purchase.</summary>
    /// <exception cref="InputException">One is no value of the enum.</exception>
    public static IEnumerable<BehaviorType> TypesOf(string field, RepeatedField<Proto.BehaviorType> values) =>
        values.Select((value, i) => TypeOf(value) ?? throw UnknownType($"{field}[{i}]", value));

    private static BehaviorType? TypeOf(Proto.BehaviorType value) => value switch
    {
        Proto.BehaviorType.Unspecified or Proto.BehaviorType.Purchase => BehaviorType.Purchase,
        Proto.BehaviorType.View => BehaviorType.View,
        Proto.BehaviorType.Favorite => BehaviorType.Favorite,
        Proto.BehaviorType.Cart => BehaviorType.Cart,
        _ => null,
    };

    private static FieldException UnknownType(string field, Proto.BehaviorType value) =>
        Unknown(field, (int)value, "0..4 (unspecified, view, favorite, cart, purchase)");

    /// <summary>An id that a call cannot do without.</summary>
    /// <exception cref="FieldException">It is empty.</exception>
    public static string Needed(string field, string value) =>
        value.Length > 0 ? value : throw new FieldException(field, $"{field} is missing");

    private static FieldException Unknown(string field, int value, string expected) =>
        new(field, $"found {field} = {value}, expected {expected}");
}
