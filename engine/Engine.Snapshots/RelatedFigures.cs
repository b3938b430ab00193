namespace Engine.Snapshots;

/// <summary>What purchasers say of two products: the confidence and lift of association rules.</summary>
/// <param name="Support">Users who purchased both.</param>
/// <param name="Buyers">Purchasers of the asked product.</param>
/// <param name="OtherBuyers">Purchasers of the related one.</param>
/// <param name="Users">All users. These four count all days of the data, older than the scope year too.</param>
public readonly record struct RelatedFigures(int Support, int Buyers, int OtherBuyers, int Users)
{
    /// <summary>
    /// The support below which a pair is not shown unless the caller asks for it. Of two products with 20 purchasers
    /// each among 10,000 users, chance alone gives 0.04 common purchasers: at least 1 for 4 % of such pairs, at least 2
    /// for 0.08 %, at least 3 for 0.001 %. A product meets thousands of others, so that supports of 1 and 2 are mostly
    /// chance. Two people's purchases also tell either of them what the other one bought.
    /// </summary>
    public const int DefaultMinSupport = 3;

    /// <summary>Share of the purchasers of the asked product who purchased the other too.</summary>
    /// <remarks>
    /// Related products have purchasers; a file that says otherwise counts one, never divides by zero.
    /// </remarks>
    public double Confidence => Support / (double)Math.Max(1, Buyers);

    /// <summary>How many times more often than if the two were independent; 1 is chance.</summary>
    public double Lift => Confidence * Users / Math.Max(1, OtherBuyers);

    /// <summary>The figures of two products of a snapshot.</summary>
    public static RelatedFigures Of(Snapshot snapshot, int product, int other, int support) =>
        snapshot.Related.HasBuyers
        ? new(support, snapshot.Related.Buyers(product), snapshot.Related.Buyers(other), snapshot.Related.Users)
        : new(support, snapshot.ProductBuyers[product], snapshot.ProductBuyers[other], snapshot.AllUsers);
}
