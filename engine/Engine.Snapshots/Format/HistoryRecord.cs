using System.Buffers.Binary;

namespace Engine.Snapshots.Format;

/// <summary>
/// A behavior in five bytes, little-endian: product in the low 24 bits, then day (9), type less 1 (2), units (5).
/// </summary>
internal static class HistoryRecord
{
    /// <summary>Bytes.</summary>
    public const int Size = 5;

    /// <summary>Says that the units are in a list of their own.</summary>
    public const int LargeUnits = 31;

    /// <summary>The largest day that fits.</summary>
    public const int LargestDay = (1 << 9) - 1;

    /// <summary>The largest product that fits.</summary>
    public const int LargestProduct = (1 << 24) - 1;

    /// <summary>Writes record <paramref name="i"/>.</summary>
    public static void Write(Span<byte> records, int i, int product, int day, int type, int units)
    {
        var rest = day | ((type - 1) << 9) | (Math.Min(units, LargeUnits) << 11);
        BinaryPrimitives.WriteUInt32LittleEndian(records[(i * Size)..], (uint)product | ((uint)rest << 24));
        records[(i * Size) + 4] = (byte)(rest >> 8);
    }

    /// <summary>The product of record <paramref name="i"/>.</summary>
    public static int Product(ReadOnlySpan<byte> records, int i) =>
        (int)(BinaryPrimitives.ReadUInt32LittleEndian(records[(i * Size)..]) & LargestProduct);

    /// <summary>Its day.</summary>
    public static int Day(ReadOnlySpan<byte> records, int i) => Rest(records, i) & LargestDay;

    /// <summary>Its type, 1..4.</summary>
    public static byte Type(ReadOnlySpan<byte> records, int i) => (byte)(((Rest(records, i) >> 9) & 3) + 1);

    /// <summary>Its units, <see cref="LargeUnits"/> for more than fit.</summary>
    public static int Units(ReadOnlySpan<byte> records, int i) => Rest(records, i) >> 11;

    private static int Rest(ReadOnlySpan<byte> records, int i) =>
        BinaryPrimitives.ReadUInt16LittleEndian(records[((i * Size) + 3)..]);
}
