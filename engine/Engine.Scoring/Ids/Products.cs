using Engine.Snapshots;

namespace Engine.Scoring.Ids;

/// <summary>The product that a question is about.</summary>
internal static class Products
{
    /// <exception cref="UnknownIdException">The product is not in the snapshot.</exception>
    public static int Find(Snapshot snapshot, string id)
    {
        var product = snapshot.ProductIds.Find(id);
        return product >= 0
            ? product
            : throw new UnknownIdException($"product '{id}' is not in snapshot {snapshot.Id}, expected one with a purchase between {snapshot.Manifest.Scope.ScopeStart} and {snapshot.Manifest.Scope.LastBehaviorTime}");
    }
}
