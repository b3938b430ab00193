using Engine;
using Engine.Scoring.Profiles;
using Engine.Snapshots;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Reading;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Data.Sources;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Publishing;

namespace Trainer.Pipeline.Folding;

/// <summary>
/// Folds the users of one shard in: their behaviors are read, and their factors are solved on the products of a
/// published snapshot, whose terms, similarity and figures stay as they are. The rows are those that a training of all
/// users on one machine writes, bit for bit, when the snapshot is of that training. Memory: that of the shard's users.
/// </summary>
public sealed class BucketFold
{
    private readonly Snapshot _items;
    private readonly OpenedDataset _dataset;
    private readonly ForgottenUsers _forgotten;
    private readonly RunContext _run;
    private readonly HashSet<string> _products;

    /// <param name="items">A whole snapshot, open and verified.</param>
    /// <param name="dataset">The tables.</param>
    /// <param name="forgotten">People whose rows are passed over.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public BucketFold(Snapshot items, OpenedDataset dataset, ForgottenUsers forgotten, RunContext run)
    {
        (_items, _dataset, _forgotten, _run) = (items, dataset, forgotten, run);
        _products = Enumerable.Range(0, items.Manifest.ProductCount).Select(items.ProductIds.Get)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The users of a shard, in the order of the file; their places count from 0.</summary>
    /// <exception cref="InputException">The data are not those of the snapshot, or the shard has no user.</exception>
    public ShardContent Fold(ShardTerms terms)
    {
        var dataset = DatasetReader.Read(
            _dataset.Definition, _run.Progress, _run.Cancel, forgotten: _forgotten, buckets: terms.Buckets);
        var facts = _items.Manifest.Scope;
        if (dataset.LastBehaviorTime > facts.LastTime)
        {
            throw new InputException(
                $"found behavior of {dataset.LastBehaviorTime:yyyy-MM-ddTHH:mm:ss}; expected none after "
                + $"{facts.LastBehaviorTime}, the end of {_items.Id}. Train on the new data first");
        }

        var scoped = Scope.At(dataset, facts.LastDay, facts.HorizonDays, _run, _products);
        var order = Order(scoped);
        var history = new Permutation(order).History(scoped, _run);
        var profiles = UserProfiles.Build(
            history,
            scoped.LastDay,
            new ProfileTables(_items.Manifest.Weights, _items.Manifest.Preference),
            _items.ProductRepeat.AsSpan().ToArray(),
            _run);
        var factors = SnapshotAssembler.SolveUsers(
            profiles, _items.ProductFactors, _items.Spectrum.AsSpan().ToArray(), _items.Manifest.FoldIn, _run);
        return UserOrder.ByNorm(
            new ShardContent(
                terms with { SetUsers = scoped.UserCount },
                scoped.UserIds,
                [.. Enumerable.Range(0, scoped.UserCount)],
                factors,
                new ProfileContent(profiles.Weights, profiles.History, profiles.Own),
                history,
                Outside(OutOfScopeBehavior.Of(scoped, order), scoped.UserCount),
                // The users were read again, and may have other rows than when they were asked about.
                _items.Known?.OfProducts()),
            _items.Manifest.FactorCount);
    }

    // For each product ordinal of the snapshot the index in the scope.
    private int[] Order(ScopedDataset scoped)
    {
        var indices = scoped.ProductIds.Select((id, index) => (id, index))
            .ToDictionary(pair => pair.id, pair => pair.index, StringComparer.Ordinal);
        var order = new int[_products.Count];
        for (var product = 0; product < order.Length; product++)
        {
            var id = _items.ProductIds.Get(product);
            order[product] = indices.TryGetValue(id, out var index) ? index : throw new InputException(
                $"product '{id}' of {_items.Id} is not in the product table; "
                + "expected the table that it was trained on");
        }

        return order;
    }

    // Products out of scope are numbered over all shards: those that the snapshot knows, and those that are new.
    private OutOfScopeContent? Outside(OutOfScopeContent? found, int users)
    {
        string[] known = _items.OutOfScope is { } outside
            ? [.. Enumerable.Range(0, outside.ProductIds.Count).Select(outside.ProductIds.Get)]
            : [];
        if (found is null && _items.OutOfScope is null)
        {
            return null;
        }

        found ??= new OutOfScopeContent([], [], new long[users + 1], [], [], [], []);
        var all = known.Union(found.ProductIds, StringComparer.Ordinal).Order(Utf8Order.Instance).ToArray();
        var places = all.Select((id, place) => (id, place))
            .ToDictionary(pair => pair.id, pair => pair.place, StringComparer.Ordinal);
        var products = _products.Count;
        return found with
        {
            ProductIds = all,
            Products = Array.ConvertAll(
                found.Products,
                product => product < products ? product : products + places[found.ProductIds[product - products]]),
        };
    }
}
