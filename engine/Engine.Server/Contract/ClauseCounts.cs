using Engine.Scoring.Queries;
using Google.Protobuf.Collections;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// What each clause of a request removed: the clauses that were given, in the order in which they are applied.
/// Reusable.
/// </summary>
internal sealed class ClauseCounts
{
    private readonly (string Clause, int Removed)[] _counts = new (string, int)[6];
    private int _count;

    /// <summary>One entry for each clause that was given.</summary>
    public ReadOnlySpan<(string Clause, int Removed)> All => _counts.AsSpan(0, _count);

    /// <summary>Adds one count for each clause that was given.</summary>
    public static void Fill(
        RepeatedField<Proto.ClauseCount> target,
        ProductFilter filter,
        PurchasedPolicy purchased,
        RecommendAnswer answer)
    {
        var counts = new ClauseCounts();
        counts.Set(filter, purchased, answer);
        counts.CopyTo(target);
    }

    /// <summary>Replaces the counts.</summary>
    public void Set(ProductFilter filter, PurchasedPolicy purchased, RecommendAnswer answer)
    {
        _count = 0;
        Add("pool", filter.SavedPool is not null, answer.RemovedBySavedPool);
        Add("pool_rule", filter.Rule is not null, answer.RemovedByRule);
        Add("product_ids", filter.HasPool, answer.RemovedByPool);
        Add("blocked", filter.Blocked is not null, answer.RemovedByBlocked);
        Add("exclude_product_ids", filter.ExcludedProductIds.Count > 0, answer.RemovedByExclusion);
        Add("purchased", purchased != PurchasedPolicy.Include, answer.RemovedByPurchased);
    }

    /// <summary>The counts as messages of the contract.</summary>
    public void CopyTo(RepeatedField<Proto.ClauseCount> target)
    {
        foreach (var (clause, removed) in All)
        {
            target.Add(new Proto.ClauseCount { Clause = clause, Removed = removed });
        }
    }

    private void Add(string clause, bool given, int removed)
    {
        if (given)
        {
            _counts[_count++] = (clause, removed);
        }
    }
}
