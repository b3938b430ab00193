using Engine.Model;
using Engine.Scoring.Queries;

namespace Engine.Scoring;

/// <summary>Resolves which products compete, clause by clause, and counts what each clause removes.</summary>
internal static class Eligibility
{
    /// <summary>Pool, then exclusions, then the purchased policy; the result is in <see cref="QueryScratch.Eligible"/>.</summary>
    public static void Resolve(Snapshot snapshot, int user, RecommendQuery query, RecommendAnswer answer, QueryScratch scratch)
    {
        var (afterPool, afterExclusion) = Resolve(snapshot, query.Filter, answer.Skipped, scratch);
        answer.RemovedByPool = snapshot.Manifest.ProductCount - afterPool;
        answer.RemovedByExclusion = afterPool - afterExclusion;
        answer.EligibleCount = afterExclusion;
        if (query.Purchased != PurchasedPolicy.Include)
        {
            CollectPurchased(snapshot, user, query, scratch.Purchased);
            Apply(query.Purchased, scratch);
            answer.EligibleCount = scratch.Eligible.Count;
            answer.RemovedByPurchased = afterExclusion - answer.EligibleCount;
        }
    }

    /// <summary>Pool and exclusions; returns how many products are left after each.</summary>
    public static (int AfterPool, int AfterExclusion) Resolve(
        Snapshot snapshot, ProductFilter filter, SkippedIds skipped, QueryScratch scratch)
    {
        var eligible = scratch.Eligible;
        if (filter.HasPool)
        {
            eligible.Clear(snapshot.Manifest.ProductCount);
            foreach (var id in filter.PoolProductIds)
            {
                if (Find(snapshot, id, skipped, out var product) && !eligible.Add(product))
                {
                    skipped.Add(id, SkipReason.Duplicate);
                }
            }
        }
        else
        {
            eligible.Fill(snapshot.Manifest.ProductCount);
        }

        var afterPool = filter.HasPool ? eligible.Count : snapshot.Manifest.ProductCount;
        if (filter.ExcludedProductIds.Count == 0)
        {
            return (afterPool, afterPool);
        }

        scratch.Listed.Clear(snapshot.Manifest.ProductCount);
        foreach (var id in filter.ExcludedProductIds)
        {
            if (!Find(snapshot, id, skipped, out var product))
            {
                continue;
            }

            if (!scratch.Listed.Add(product))
            {
                skipped.Add(id, SkipReason.Duplicate);
            }

            eligible.Remove(product);
        }

        return (afterPool, eligible.Count);
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
