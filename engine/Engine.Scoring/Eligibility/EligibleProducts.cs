using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;

namespace Engine.Scoring.Eligibility;

/// <summary>
/// Resolves which products compete for everyone, clause by clause, and counts what each clause removes.
/// </summary>
internal static class EligibleProducts
{
    /// <summary>Pools, blocked and exclusions; <paramref name="answer"/> receives what each of them removed.</summary>
    public static void Resolve(
        Snapshot snapshot,
        ProductFilter filter,
        RecommendAnswer answer,
        Bitset eligible,
        Bitset listed,
        CancellationToken cancellation,
        Snapshot? cold = null) =>
        answer.FillCounts(
            snapshot.Manifest.ProductCount,
            Resolve(snapshot, filter, answer.Skipped, eligible, listed, cancellation, cold));

    /// <summary>Pools, blocked and exclusions; returns how many products are left after each.</summary>
    /// <param name="snapshot">Whose products.</param>
    /// <param name="filter">The clauses.</param>
    /// <param name="skipped">Receives ids that took no part.</param>
    /// <param name="eligible">Receives the products.</param>
    /// <param name="scratch">For the id lists.</param>
    /// <param name="cancellation">Looked at for every id.</param>
    /// <param name="cold">New products that are known in the excluded list, too; or null.</param>
    public static EligibleCounts Resolve(
        Snapshot snapshot,
        ProductFilter filter,
        SkippedIds skipped,
        Bitset eligible,
        Bitset scratch,
        CancellationToken cancellation,
        Snapshot? cold = null)
    {
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
            List(snapshot, filter.PoolProductIds, filter.Blocked, skipped, scratch, null, cancellation);
            eligible.IntersectWith(scratch);
            listed = eligible.Count;
        }

        var unblocked = listed;
        if (filter.Blocked is { Count: > 0 } blocked)
        {
            unblocked -= eligible.Subtract(blocked.Products);
        }

        if (filter.ExcludedProductIds.Count == 0)
        {
            return new EligibleCounts(saved, rule, listed, unblocked, unblocked);
        }

        List(snapshot, filter.ExcludedProductIds, null, skipped, scratch, cold, cancellation);
        return new EligibleCounts(saved, rule, listed, unblocked, unblocked - eligible.Subtract(scratch));
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

    private static void List(
        Snapshot snapshot,
        List<string> ids,
        ResolvedPool? blocked,
        SkippedIds skipped,
        Bitset listed,
        Snapshot? cold,
        CancellationToken cancellation)
    {
        listed.Clear(snapshot.Manifest.ProductCount);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!Find(snapshot, cold, id, skipped, out var product))
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

    private static bool Find(Snapshot snapshot, Snapshot? cold, string id, SkippedIds skipped, out int product)
    {
        product = snapshot.ProductIds.Find(id);
        if (product < 0 && !(cold?.ProductIds.Find(id) >= 0))
        {
            skipped.Add(id, SkipReason.UnknownProduct);
        }

        return product >= 0;
    }
}
