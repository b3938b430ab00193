using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Models;
using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Batch;

/// <summary>One thread's working memory of a stream: states the search of one user after the other.</summary>
/// <param name="model">The leased model.</param>
/// <param name="shared">The products that compete for all users, <paramref name="sharedCount"/> of them.</param>
/// <param name="sharedCount">Their number.</param>
/// <param name="policy">What about products that the user purchased.</param>
internal sealed class StreamedUser(ScoringModel model, Bitset shared, int sharedCount, PurchasedPolicy policy)
{
    private readonly SparseSums _sparse = new();
    private readonly Bitset _only = new();
    private int[] _purchased = new int[64];

    /// <summary>The search of one user; valid until the next call.</summary>
    /// <param name="user">User ordinal.</param>
    /// <param name="eligibleCount">Products that compete for this one.</param>
    public TopKQuery Query(int user, out int eligibleCount)
    {
        _sparse.Collect(model, ProfileRow.Of(model.Snapshot, user));
        ReadOnlySpan<int> purchased = policy == PurchasedPolicy.Include ? [] : Purchased(user);
        eligibleCount = policy == PurchasedPolicy.Only ? purchased.Length : sharedCount - purchased.Length;
        return new TopKQuery
        {
            Vector = model.Users[user],
            Sparse = _sparse.Terms(),
            Eligible = policy == PurchasedPolicy.Only ? Only(purchased) : shared.Words,
            Excluded = policy == PurchasedPolicy.Exclude ? purchased : [],
        };
    }

    /// <summary>The competing products that the user purchased, ascending: histories are stored by product.</summary>
    private ReadOnlySpan<int> Purchased(int user)
    {
        var history = model.Snapshot.History.Row(user);
        var count = 0;
        for (var i = 0; i < history.Count; i++)
        {
            var product = history.Products[i];
            if (history.Types[i] != (byte)BehaviorType.Purchase || !shared[product] || (count > 0 && _purchased[count - 1] == product))
            {
                continue;
            }

            if (count == _purchased.Length)
            {
                Array.Resize(ref _purchased, 2 * count);
            }

            _purchased[count++] = product;
        }

        return _purchased.AsSpan(0, count);
    }

    private ReadOnlySpan<ulong> Only(ReadOnlySpan<int> purchased)
    {
        _only.Clear(model.Products.Rows);
        foreach (var product in purchased)
        {
            _only.Add(product);
        }

        return _only.Words;
    }
}
