using Engine.Snapshots;

namespace Engine.Scoring.Ids;

/// <summary>Finds the product of a query.</summary>
internal static class Products
{
    /// <exception cref="InputException">The id is empty.</exception>
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    public static int Find(Snapshot snapshot, string id)
    {
        var product = id.Length > 0 ? snapshot.ProductIds.Find(id) : throw new InputException("product_id is missing");
        return product >= 0
            ? product
            : throw new UnknownIdException(
                $"product '{id}' is not in snapshot {snapshot.Id}; expected a product with a purchase between "
                + $"{snapshot.Manifest.Scope.ScopeStart} and {snapshot.Manifest.Scope.LastBehaviorTime}");
    }
}
