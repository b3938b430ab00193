using System.Buffers.Binary;

namespace Engine.Snapshots.Format;

/// <summary>
/// A behavior in four or five bytes, little-endian: product in the low bits, then day (9), type less 1 (2), units in
/// the rest.
/// </summary>
/// <param name="Size">Bytes.</param>
/// <param name="ProductBits">Bits of the product.</param>
internal readonly record struct HistoryRecord(int Size, int ProductBits)
{
    /// <summary>The largest day that fits.</summary>
    public const int LargestDay = (1 << DayBits) - 1;

    private const int DayBits = 9;
    private const int TypeBits = 2;

    /// <summary>Four bytes: 17 bits product, 4 bits units.</summary>
    public static HistoryRecord Short => new(4, 17);

    /// <summary>Five bytes: 24 bits product, 5 bits units.</summary>
    public static HistoryRecord Long => new(5, 24);

    /// <summary>The largest product that fits.</summary>
    public int LargestProduct => (1 << ProductBits) - 1;

    /// <summary>Says that the units are in a list of their own.</summary>
    public int LargeUnits => (1 << ((8 * Size) - ProductBits - DayBits - TypeBits)) - 1;

    /// <summary>The smallest record that holds all of so many products.</summary>
    public static HistoryRecord Of(long products) => products - 1 <= Short.LargestProduct ? Short : Long;

    /// <summary>Writes record <paramref name="i"/>.</summary>
    public void Write(Span<byte> records, int i, int product, int day, int type, int units)
    {
        var rest = (uint)(day | ((type - 1) << DayBits) | (Math.Min(units, LargeUnits) << (DayBits + TypeBits)));
        var value = (uint)product | ((ulong)rest << ProductBits);
        BinaryPrimitives.WriteUInt32LittleEndian(records[(i * Size)..], (uint)value);
        if (Size > sizeof(uint))
        {
            records[(i * Size) + sizeof(uint)] = (byte)(value >> 32);
        }
    }

    /// <summary>The product of record <paramref name="i"/>.</summary>
    public int Product(ReadOnlySpan<byte> records, int i) =>
        (int)(BinaryPrimitives.ReadUInt32LittleEndian(records[(i * Size)..]) & (uint)LargestProduct);

    /// <summary>Its day.</summary>
    public int Day(ReadOnlySpan<byte> records, int i) => Rest(records, i) & LargestDay;

    /// <summary>Its type, 1..4.</summary>
    public byte Type(ReadOnlySpan<byte> records, int i) => (byte)(((Rest(records, i) >> DayBits) & 3) + 1);

    /// <summary>Its units, <see cref="LargeUnits"/> for more than fit.</summary>
    public int Units(ReadOnlySpan<byte> records, int i) => Rest(records, i) >> (DayBits + TypeBits);

    private int Rest(ReadOnlySpan<byte> records, int i)
    {
        ulong value = BinaryPrimitives.ReadUInt32LittleEndian(records[(i * Size)..]);
        if (Size > sizeof(uint))
        {
            value |= (ulong)records[(i * Size) + sizeof(uint)] << 32;
        }

        return (int)(value >> ProductBits);
    }
}
