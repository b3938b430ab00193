namespace Engine.Snapshots;

/// <summary>What purchasers say of two products: the confidence and lift of association rules.</summary>
/// <param name="Support">Users who purchased both.</param>
/// <param name="Buyers">Purchasers of the asked product.</param>
/// <param name="OtherBuyers">Purchasers of the related one.</param>
/// <param name="Users">All users.</param>
public readonly record struct RelatedFigures(int Support, int Buyers, int OtherBuyers, int Users)
{
    /// <summary>Share of the purchasers of the asked product who purchased the other too.</summary>
    /// <remarks>Related products have purchasers; a file that says otherwise counts one, never divides by zero.</remarks>
    public double Confidence => Support / (double)Math.Max(1, Buyers);

    /// <summary>How many times more often than if the two were independent; 1 is chance.</summary>
    public double Lift => Confidence * Users / Math.Max(1, OtherBuyers);

    /// <summary>The figures of two products of a snapshot.</summary>
    public static RelatedFigures Of(Snapshot snapshot, int product, int other, int support) =>
        new(support, snapshot.ProductBuyers[product], snapshot.ProductBuyers[other], snapshot.Manifest.UserCount);
}
