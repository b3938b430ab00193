using Engine.Scoring.Queries;
using Google.Protobuf.Collections;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>What each clause of a request removed: the clauses that were given, in the order in which they are applied.</summary>
internal static class ClauseCounts
{
    /// <summary>Adds one count for each clause that was given.</summary>
    public static void Fill(
        RepeatedField<Proto.ClauseCount> target, ProductFilter filter, PurchasedPolicy purchased, RecommendAnswer answer)
    {
        Add("pool", filter.SavedPool is not null, answer.RemovedBySavedPool);
        Add("pool_rule", filter.Rule is not null, answer.RemovedByRule);
        Add("product_ids", filter.HasPool, answer.RemovedByPool);
        Add("blocked", filter.Blocked is not null, answer.RemovedByBlocked);
        Add("exclude_product_ids", filter.ExcludedProductIds.Count > 0, answer.RemovedByExclusion);
        Add("purchased", purchased != PurchasedPolicy.Include, answer.RemovedByPurchased);

        void Add(string clause, bool given, int removed)
        {
            if (given)
            {
                target.Add(new Proto.ClauseCount { Clause = clause, Removed = removed });
            }
        }
    }
}
