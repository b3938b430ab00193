using System.Numerics;

namespace Engine.Snapshots.Format;

/// <summary>
/// A related product in four bytes: product in as many low bits as the products of the file need, then a bit for a
/// partial correlation that is not zero, then the support.
/// </summary>
/// <param name="ProductBits">Bits of the product.</param>
internal readonly record struct RelatedRecord(int ProductBits)
{
    // Supports keep 8 bits at least.
    private const int MostProductBits = 23;

    /// <summary>Says that the support is in a list of its own.</summary>
    public int LargeSupport => (int)(uint.MaxValue >> (ProductBits + 1));

    /// <summary>The record for so many products; null where there are too many for one.</summary>
    public static RelatedRecord? Of(long products)
    {
        var bits = 1 + BitOperations.Log2((ulong)Math.Max(1, products - 1));
        return bits <= MostProductBits ? new(bits) : null;
    }

    /// <summary>A record.</summary>
    public int Pack(int product, bool hasPartial, int support) =>
        product | ((hasPartial ? 1 : 0) << ProductBits) | (Math.Min(support, LargeSupport) << (ProductBits + 1));

    /// <summary>The product of a record.</summary>
    public int Product(int record) => record & ((1 << ProductBits) - 1);

    /// <summary>Whether its partial correlation is stored; otherwise it is zero.</summary>
    public bool HasPartial(int record) => (record >> ProductBits & 1) != 0;

    /// <summary>Its support, <see cref="LargeSupport"/> for more than fit.</summary>
    public int Support(int record) => record >>> (ProductBits + 1);
}
