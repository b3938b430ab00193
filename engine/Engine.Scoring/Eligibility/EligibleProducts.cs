using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Eligibility;

/// <summary>Resolves which products compete, clause by clause, and counts what each clause removes.</summary>
internal static class EligibleProducts
{
    /// <summary>Pools, blocked, exclusions, then the purchased policy; the result is in <see cref="QueryScratch.Eligible"/>.</summary>
    public static void Resolve(Snapshot snapshot, int user, RecommendQuery query, RecommendAnswer answer, QueryScratch scratch)
    {
        Resolve(snapshot, query.Filter, answer, scratch);
        if (query.Purchased != PurchasedPolicy.Include)
        {
            CollectPurchased(snapshot, user, query, scratch.Purchased);
            Apply(query.Purchased, scratch);
            answer.RemovedByPurchased = answer.EligibleCount - scratch.Eligible.Count;
            answer.EligibleCount = scratch.Eligible.Count;
        }
    }

    /// <summary>The same for all users alike: pools, blocked and exclusions.</summary>
    public static void Resolve(Snapshot snapshot, ProductFilter filter, RecommendAnswer answer, QueryScratch scratch)
    {
        var left = Resolve(snapshot, filter, answer.Skipped, scratch);
        answer.RemovedBySavedPool = snapshot.Manifest.ProductCount - left.Saved;
        answer.RemovedByRule = left.Saved - left.Rule;
        answer.RemovedByPool = left.Rule - left.Listed;
        answer.RemovedByBlocked = left.Listed - left.Blocked;
        answer.RemovedByExclusion = left.Blocked - left.Exclusion;
        answer.EligibleCount = left.Exclusion;
    }

    /// <summary>Pools, blocked and exclusions; returns how many products are left after each.</summary>
    public static EligibleCounts Resolve(Snapshot snapshot, ProductFilter filter, SkippedIds skipped, QueryScratch scratch)
    {
        var eligible = scratch.Eligible;
        var saved = Begin(snapshot, filter.SavedPool, eligible);
        var rule = saved;
        if (filter.Rule is { } inline)
        {
            eligible.IntersectWith(inline.Products);
            rule = eligible.Count;
        }

        var listed = rule;
        if (filter.HasPool)
        {
            List(snapshot, filter.PoolProductIds, filter.Blocked, skipped, scratch.Listed);
            eligible.IntersectWith(scratch.Listed);
            listed = eligible.Count;
        }

        var unblocked = listed;
        if (filter.Blocked is { Count: > 0 } blocked)
        {
            eligible.Subtract(blocked.Products);
            unblocked = eligible.Count;
        }

        if (filter.ExcludedProductIds.Count == 0)
        {
            return new EligibleCounts(saved, rule, listed, unblocked, unblocked);
        }

        List(snapshot, filter.ExcludedProductIds, null, skipped, scratch.Listed);
        eligible.Subtract(scratch.Listed);
        return new EligibleCounts(saved, rule, listed, unblocked, eligible.Count);
    }

    private static int Begin(Snapshot snapshot, ResolvedPool? pool, Bitset eligible)
    {
        eligible.Fill(snapshot.Manifest.ProductCount);
        if (pool is null)
        {
            return snapshot.Manifest.ProductCount;
        }

        eligible.IntersectWith(pool.Products);
        return pool.Count;
    }

    private static void List(Snapshot snapshot, List<string> ids, ResolvedPool? blocked, SkippedIds skipped, Bitset listed)
    {
        listed.Clear(snapshot.Manifest.ProductCount);
        foreach (var id in ids)
        {
            if (!Find(snapshot, id, skipped, out var product))
            {
                continue;
            }

            if (!listed.Add(product))
            {
                skipped.Add(id, SkipReason.Duplicate);
            }
            else if (blocked is not null && blocked.Products[product])
            {
                skipped.Add(id, SkipReason.Blocked);
            }
        }
    }

    private static bool Find(Snapshot snapshot, string id, SkippedIds skipped, out int product)
    {
        product = snapshot.ProductIds.Find(id);
        if (product < 0)
        {
            skipped.Add(id, SkipReason.UnknownProduct);
        }

        return product >= 0;
    }

    private static void CollectPurchased(Snapshot snapshot, int user, RecommendQuery query, Bitset purchased)
    {
        purchased.Clear(snapshot.Manifest.ProductCount);
        if (user >= 0)
        {
            var history = snapshot.History.Row(user);
            for (var i = 0; i < history.Count; i++)
            {
                if (history.Types[i] == (byte)BehaviorType.Purchase)
                {
                    purchased.Add(history.Products[i]);
                }
            }
        }

        foreach (var behavior in query.Recent)
        {
            if (behavior.Type == BehaviorType.Purchase && snapshot.ProductIds.Find(behavior.ProductId) is >= 0 and var product)
            {
                purchased.Add(product);
            }
        }
    }

    private static void Apply(PurchasedPolicy policy, QueryScratch scratch)
    {
        if (policy == PurchasedPolicy.Only)
        {
            scratch.Eligible.IntersectWith(scratch.Purchased);
        }
        else
        {
            scratch.Eligible.Subtract(scratch.Purchased);
        }
    }
}

/// <summary>Products that are left after each clause, in the order in which they are applied.</summary>
/// <param name="Saved">After the saved pool.</param>
/// <param name="Rule">After the inline rule.</param>
/// <param name="Listed">After the inline list.</param>
/// <param name="Blocked">After the blocked products.</param>
/// <param name="Exclusion">After the exclusions.</param>
internal readonly record struct EligibleCounts(int Saved, int Rule, int Listed, int Blocked, int Exclusion);
