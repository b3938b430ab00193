using Engine.Scoring.Profiles;
using Engine.Scoring.Queries;
using Engine.Scoring.Sets;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Eligibility;

/// <summary>
/// The products that compete for one user: those that compete for everyone, as the purchased policy restricts them. The
/// same code online and in batches. Scratch of one thread; after warm-up it allocates nothing.
/// </summary>
internal sealed class UserProducts
{
    private readonly Bitset _only = new();
    private Bitset _shared = new();
    private PurchasedPolicy _policy;
    private bool _isAll;
    private int[] _purchased = new int[64];
    private int _purchasedCount;

    /// <summary>Products that compete.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The products that compete, one bit each, before <see cref="Excluded"/> is removed; empty means all products.
    /// </summary>
    public ReadOnlySpan<ulong> Eligible => _policy == PurchasedPolicy.Only ? _only.Words : _isAll ? [] : _shared.Words;

    /// <summary>Products that do not compete although <see cref="Eligible"/> has them, ascending.</summary>
    public ReadOnlySpan<int> Excluded => _policy == PurchasedPolicy.Exclude ? Purchased : [];

    /// <summary>Whether a product competes.</summary>
    public bool Contains(int product) =>
        _policy == PurchasedPolicy.Only ? _only[product] : _shared[product] && Excluded.BinarySearch(product) < 0;

    /// <summary>Makes a set of those that compete.</summary>
    public void CopyTo(Bitset target)
    {
        var all = _policy == PurchasedPolicy.Only ? _only : _shared;
        target.Set(all.Size, all.Words);
        foreach (var product in Excluded)
        {
            target.Remove(product);
        }
    }

    private ReadOnlySpan<int> Purchased => _purchased.AsSpan(0, _purchasedCount);

    /// <summary>All of the shared products, as for an audience.</summary>
    /// <param name="snapshot">Whose products.</param>
    /// <param name="shared">The products that compete for everyone; not copied.</param>
    /// <param name="sharedCount">Their number.</param>
    public void Resolve(Snapshot snapshot, Bitset shared, int sharedCount) =>
        Resolve(snapshot, shared, sharedCount, PurchasedPolicy.Include, -1);

    /// <summary>The products for one user; valid until the next call.</summary>
    /// <param name="snapshot">Whose products.</param>
    /// <param name="shared">The products that compete for everyone; not copied.</param>
    /// <param name="sharedCount">Their number.</param>
    /// <param name="policy">What about products that the user purchased.</param>
    /// <param name="user">User ordinal, or -1.</param>
    /// <param name="recent">Purchases beside the stored ones; null means none.</param>
    /// <param name="history">As it was read for the user; null, or untouched, means the stored history.</param>
    public void Resolve(
        Snapshot snapshot,
        Bitset shared,
        int sharedCount,
        PurchasedPolicy policy,
        int user,
        List<RecentBehavior>? recent = null,
        UserHistory? history = null)
    {
        (_shared, _policy, _purchasedCount) = (shared, policy, 0);
        _isAll = sharedCount == snapshot.Manifest.ProductCount;
        if (policy != PurchasedPolicy.Include)
        {
            if (history is { IsTouched: true })
            {
                AddHistory(history);
            }
            else
            {
                AddStored(snapshot, user);
            }

            AddRecent(snapshot, recent);
        }

        Count = policy == PurchasedPolicy.Only ? _purchasedCount : sharedCount - _purchasedCount;
        if (policy == PurchasedPolicy.Only)
        {
            _only.Clear(snapshot.Manifest.ProductCount);
            foreach (var product in Purchased)
            {
                _only.Add(product);
            }
        }
    }

    // Histories are stored by product, so the products ascend.
    private void AddStored(Snapshot snapshot, int user)
    {
        if (user < 0)
        {
            return;
        }

        var history = snapshot.History.Row(user);
        for (var i = 0; i < history.Count; i++)
        {
            var product = history.Product(i);
            if (history.Type(i) == (byte)BehaviorType.Purchase
                && (_purchasedCount == 0 || _purchased[_purchasedCount - 1] != product))
            {
                Add(product);
            }
        }
    }

    private void AddHistory(UserHistory history)
    {
        var place = 0;
        while (history.NextPurchased(ref place) is >= 0 and var product)
        {
            Add(product);
        }

        SortDistinct();
    }

    private void AddRecent(Snapshot snapshot, List<RecentBehavior>? recent)
    {
        var stored = _purchasedCount;
        if (recent is null)
        {
            return;
        }

        foreach (var behavior in recent)
        {
            if (behavior.Type == BehaviorType.Purchase
                && snapshot.ProductIds.Find(behavior.ProductId) is >= 0 and var product)
            {
                Add(product);
            }
        }

        if (_purchasedCount > stored)
        {
            SortDistinct();
        }
    }

    private void SortDistinct()
    {
        var all = _purchased.AsSpan(0, _purchasedCount);
        all.Sort();
        var distinct = Math.Min(1, all.Length);
        for (var i = 1; i < all.Length; i++)
        {
            if (all[i] != all[i - 1])
            {
                all[distinct++] = all[i];
            }
        }

        _purchasedCount = distinct;
    }

    private void Add(int product)
    {
        if (!_shared[product])
        {
            return;
        }

        if (_purchasedCount == _purchased.Length)
        {
            Array.Resize(ref _purchased, 2 * _purchasedCount);
        }

        _purchased[_purchasedCount++] = product;
    }
}
