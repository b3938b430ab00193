using System.Buffers;
using System.Text.Unicode;
using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>How each type of Parquet is read.</summary>
internal static class ParquetColumns
{
    /// <summary>The way to read a column; null when its type is not read.</summary>
    public static Func<ParquetColumn>? Find(ParquetField field)
    {
        var unit = field.Unit;
        var scale = field.Scale;
        return (field.Physical, field.Annotation) switch
        {
            (PhysicalType.Boolean, LogicalTypeEnum.None) => Fixed<bool>(ParquetCellText.Flag),
            (PhysicalType.Int32, LogicalTypeEnum.None or LogicalTypeEnum.Int or LogicalTypeEnum.Nil) => field.Unsigned
                ? Fixed<int>(
                    (value, text) => ParquetCellText.Number((uint)value, text), (a, b) => ((uint)a).CompareTo((uint)b))
                : Fixed<int>(ParquetCellText.Number),
            (PhysicalType.Int32, LogicalTypeEnum.Date) => Fixed<int>(ParquetCellText.Date),
            (PhysicalType.Int32, LogicalTypeEnum.Time) =>
                Fixed<int>((value, text) => ParquetCellText.TimeOfDay(value, unit, text)),
            (PhysicalType.Int32, LogicalTypeEnum.Decimal) =>
                Fixed<int>((value, text) => ParquetCellText.Decimal(value, scale, text)),
            (PhysicalType.Int64, LogicalTypeEnum.None or LogicalTypeEnum.Int) => field.Unsigned
                ? Fixed<long>(
                    (value, text) => ParquetCellText.Number((ulong)value, text),
                    (a, b) => ((ulong)a).CompareTo((ulong)b))
                : Fixed<long>(ParquetCellText.Number),
            (PhysicalType.Int64, LogicalTypeEnum.Time) =>
                Fixed<long>((value, text) => ParquetCellText.TimeOfDay(value, unit, text)),
            (PhysicalType.Int64, LogicalTypeEnum.Timestamp) =>
                Fixed<long>((value, text) => ParquetCellText.Time(value, unit, text)),
            (PhysicalType.Int64, LogicalTypeEnum.Decimal) =>
                Fixed<long>((value, text) => ParquetCellText.Decimal(value, scale, text)),
            (PhysicalType.Int96, LogicalTypeEnum.None) =>
                () => new ParquetFixedColumn<Int96>(field, ParquetCellText.Time, order: null),
            (PhysicalType.Float, LogicalTypeEnum.None) =>
                () => new ParquetFixedColumn<float>(field, ParquetCellText.Real, Order, value => !float.IsNaN(value)),
            (PhysicalType.Double, LogicalTypeEnum.None) =>
                () =>
                    new ParquetFixedColumn<double>(field, ParquetCellText.Real, Order, value => !double.IsNaN(value)),
            (PhysicalType.ByteArray, LogicalTypeEnum.None or LogicalTypeEnum.String or LogicalTypeEnum.Enum
                or LogicalTypeEnum.Json) =>
                Bytes<ByteArray>(Text, length => length),
            (PhysicalType.ByteArray, LogicalTypeEnum.Decimal) => Bytes<ByteArray>(Decimal, DecimalRoom, Signed),
            (PhysicalType.FixedLenByteArray, LogicalTypeEnum.None) => Bytes<FixedLenByteArray>(Text, length => length),
            (PhysicalType.FixedLenByteArray, LogicalTypeEnum.Decimal) =>
                Bytes<FixedLenByteArray>(Decimal, DecimalRoom, Signed),
            (PhysicalType.FixedLenByteArray, LogicalTypeEnum.Uuid) =>
                Bytes<FixedLenByteArray>(ParquetCellText.Guid, _ => 36),
            _ => null,
        };

        int Decimal(ReadOnlySpan<byte> value, Span<char> text) => ParquetCellText.Decimal(value, scale, text);

        int DecimalRoom(int length) => ParquetCellText.DecimalLength(length, scale);

        Func<ParquetColumn> Fixed<T>(CellFormat<T> format, Comparison<T>? order = null)
            where T : unmanaged, IComparable<T> =>
            () => new ParquetFixedColumn<T>(field, format, order ?? Comparer<T>.Default.Compare);

        Func<ParquetColumn> Bytes<T>(
            BytesFormat format, Func<int, int> room, Func<byte[], int, byte[], int, int>? order = null)
            where T : unmanaged =>
            () => new ParquetBytesColumn<T>(field, format, room, order ?? Unsigned);
    }

    /// <summary>Compares without the sign of zero, which files give in either form.</summary>
    private static int Order(float a, float b) => a < b ? -1 : a > b ? 1 : 0;

    private static int Order(double a, double b) => a < b ? -1 : a > b ? 1 : 0;

    private static int Text(ReadOnlySpan<byte> value, Span<char> text) =>
        Utf8.ToUtf16(value, text, out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done
            ? written
            : -1;

    private static int Unsigned(byte[] a, int aLength, byte[] b, int bLength) =>
        a.AsSpan(0, aLength).SequenceCompareTo(b.AsSpan(0, bLength));

    /// <summary>Compares big-endian numbers in two's complement, of any lengths.</summary>
    private static int Signed(byte[] a, int aLength, byte[] b, int bLength)
    {
        var (aSign, bSign) = (aLength > 0 && a[0] >= 0x80, bLength > 0 && b[0] >= 0x80);
        if (aSign != bSign)
        {
            return aSign ? -1 : 1;
        }

        for (var i = -Math.Max(aLength, bLength); i < 0; i++)
        {
            var fill = aSign ? (byte)0xFF : (byte)0;
            var difference = (aLength + i >= 0 ? a[aLength + i] : fill) - (bLength + i >= 0 ? b[bLength + i] : fill);
            if (difference != 0)
            {
                return difference;
            }
        }

        return 0;
    }
}
