using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Batch;

/// <summary>One thread's working memory in a batch, and the questions it makes: the very ones that Recommend asks.</summary>
internal sealed class BatchState(BatchPlan plan, bool packed)
{
    private readonly SparseSums _sparse = new();
    private readonly Bitset _own = new();
    private int[] _purchased = [];

    /// <summary>The question for one user. Valid until the next one.</summary>
    public TopKQuery Query(int user)
    {
        var snapshot = plan.Model.Snapshot;
        _sparse.Collect(plan.Model, ProfileRow.Of(snapshot, user));
        var sparse = _sparse.Terms();
        var vector = plan.Model.Users[user];
        if (plan.Purchased == PurchasedPolicy.Only)
        {
            _own.Clear(snapshot.Manifest.ProductCount);
            foreach (var product in Purchased(user))
            {
                _own.Add(product);
            }

            _own.IntersectWith(plan.Eligible);
            return new TopKQuery { Vector = vector, Sparse = sparse, Eligible = _own.Words };
        }

        var excluded = plan.Purchased == PurchasedPolicy.Exclude ? Purchased(user) : default;
        var isAll = plan.EligibleCount == snapshot.Manifest.ProductCount;
        return new TopKQuery { Vector = vector, Sparse = sparse, Excluded = excluded, Eligible = packed || isAll ? default : plan.EligibleWords };
    }

    // Histories stand by product, so the products ascend.
    private ReadOnlySpan<int> Purchased(int user)
    {
        var history = plan.Model.Snapshot.History.Row(user);
        if (_purchased.Length < history.Count)
        {
            _purchased = new int[Math.Max(history.Count, 2 * _purchased.Length)];
        }

        var count = 0;
        for (var i = 0; i < history.Count; i++)
        {
            if (history.Types[i] == (byte)BehaviorType.Purchase && (count == 0 || _purchased[count - 1] != history.Products[i]))
            {
                _purchased[count++] = history.Products[i];
            }
        }

        return _purchased.AsSpan(0, count);
    }
}
