using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Encoding = System.Text.Encoding;
using ParquetSharp;

namespace Engine.Tests.Tables;

/// <summary>Columns of every type that is read, with awkward values; the right texts are written out by hand.</summary>
internal sealed class ParquetSamples : IDisposable
{
    private readonly List<GCHandle> _pinned = [];

    public ParquetSamples()
    {
        var none = LogicalType.None();
        string[] ints = ["0", "1", "-1", "127", "-128"];
        Columns =
        [
            new MadeColumn<bool>(
                "flag",
                none,
                PhysicalType.Boolean,
                [true, false, false, true, true],
                ["true", "false", "false", "true", "true"]),
            new MadeColumn<int>("int8", LogicalType.Int(8, true), PhysicalType.Int32, [0, 1, -1, 127, -128], ints),
            new MadeColumn<int>(
                "uint8",
                LogicalType.Int(8, false),
                PhysicalType.Int32,
                [0, 1, 200, 255, 7],
                ["0", "1", "200", "255", "7"]),
            new MadeColumn<int>(
                "int16", LogicalType.Int(16, true), PhysicalType.Int32, [0, -32768, 32767], ["0", "-32768", "32767"]),
            new MadeColumn<int>(
                "uint16", LogicalType.Int(16, false), PhysicalType.Int32, [0, 65535, 40000], ["0", "65535", "40000"]),
            new MadeColumn<int>(
                "int32", none, PhysicalType.Int32, [int.MinValue, 0, int.MaxValue], ["-2147483648", "0", "2147483647"]),
            new MadeColumn<int>(
                "uint32", LogicalType.Int(32, false), PhysicalType.Int32, [-1, 0, 1], ["4294967295", "0", "1"]),
            new MadeColumn<long>(
                "int64",
                LogicalType.Int(64, true),
                PhysicalType.Int64,
                [long.MinValue, 0, long.MaxValue],
                ["-9223372036854775808", "0", "9223372036854775807"]),
            new MadeColumn<long>(
                "uint64",
                LogicalType.Int(64, false),
                PhysicalType.Int64,
                [-1, 0, 3],
                ["18446744073709551615", "0", "3"]),
            new MadeColumn<float>(
                "float",
                none,
                PhysicalType.Float,
                [1.1f, -0.5f, 3e-9f, 123_456_792, 1e30f],
                ["1.1", "-0.5", "3E-09", "123456792", "1E+30"]),
            new MadeColumn<double>(
                "double",
                none,
                PhysicalType.Double,
                [0.1, -1e300, 12345.678, 1_234_567_890_123_456, -1e18, 1e15 + 0.5],
                ["0.1", "-1E+300", "12345.678", "1234567890123456", "-1000000000000000000", "1000000000000000.5"]),
            new MadeColumn<int>(
                "date",
                LogicalType.Date(),
                PhysicalType.Int32,
                [18321, 0, -1, -719162, 2932896],
                ["2020-02-29", "1970-01-01", "1969-12-31", "0001-01-01", "9999-12-31"]),
            new MadeColumn<int>(
                "time_ms",
                LogicalType.Time(false, TimeUnit.Millis),
                PhysicalType.Int32,
                [86_399_000, 0, 43_200_500],
                ["23:59:59", "00:00:00", "12:00:00.5000000"]),
            new MadeColumn<long>(
                "time_us",
                LogicalType.Time(false, TimeUnit.Micros),
                PhysicalType.Int64,
                [86_399_000_000, 1, 3_661_000_000],
                ["23:59:59", "00:00:00.0000010", "01:01:01"]),
            new MadeColumn<long>(
                "time_ns",
                LogicalType.Time(false, TimeUnit.Nanos),
                PhysicalType.Int64,
                [86_399_000_000_000, 100],
                ["23:59:59", "00:00:00.0000001"]),
            new MadeColumn<long>(
                "stamp_ms",
                LogicalType.Timestamp(false, TimeUnit.Millis),
                PhysicalType.Int64,
                [1_582_934_400_000, -1, 0],
                ["2020-02-29T00:00:00", "1969-12-31T23:59:59.9990000", "1970-01-01T00:00:00"]),
            new MadeColumn<long>(
                "stamp_us",
                LogicalType.Timestamp(true, TimeUnit.Micros),
                PhysicalType.Int64,
                [1_582_934_400_000_001, -1, long.MaxValue],
                [
                    "2020-02-29T00:00:00.0000010",
                    "1969-12-31T23:59:59.9999990",
                    "9223372036854775807 microseconds since 1970",
                ]),
            new MadeColumn<long>(
                "stamp_ns",
                LogicalType.Timestamp(false, TimeUnit.Nanos),
                PhysicalType.Int64,
                [1_582_934_400_000_000_100, -100, long.MaxValue],
                ["2020-02-29T00:00:00.0000001", "1969-12-31T23:59:59.9999999", "2262-04-11T23:47:16.8547758"]),
            new MadeColumn<Int96>(
                "stamp_96",
                none,
                PhysicalType.Int96,
                [Stamp(2_440_588 + 18_321, 1_000_000_000), Stamp(2_440_587, 86_399_999_999_900), Stamp(2_415_021, 0)],
                ["2020-02-29T00:00:01", "1969-12-31T23:59:59.9999999", "1900-01-01T00:00:00"]),
            new MadeColumn<int>(
                "dec_5_2",
                LogicalType.Decimal(5, 2),
                PhysicalType.Int32,
                [0, 101, -5, 99999],
                ["0.00", "1.01", "-0.05", "999.99"]),
            new MadeColumn<long>(
                "dec_18_4",
                LogicalType.Decimal(18, 4),
                PhysicalType.Int64,
                [0, -10001, 999_999_999_999_999_999],
                ["0.0000", "-1.0001", "99999999999999.9999"]),
            new MadeColumn<long>(
                "dec_18_18",
                LogicalType.Decimal(18, 18),
                PhysicalType.Int64,
                [1, -999_999_999_999_999_999],
                ["0.000000000000000001", "-0.999999999999999999"]),
            Decimals("dec_9_0", 9, 0, 4, "0", "-1", "999999999"),
            Decimals(
                "dec_38_18",
                38,
                18,
                16,
                "123456789012345678.123456789012345678",
                "-0.000000000000000001",
                "99999999999999999999.999999999999999999"),
            Decimals(
                "dec_38_30", 38, 30, 16, "12345678.123456789012345678000000000001", "0.000000000000000000000000000000"),
            Decimals(
                "dec_76_40",
                76,
                40,
                32,
                "-123456789012345678901234567890123456.1234567890123456789012345678901234567891",
                "0.0000000000000000000000000000000000000001"),
            Decimals(
                "dec_bytes",
                40,
                3,
                -1,
                "0.000",
                "-0.128",
                "0.127",
                "1234567890123456789012345678901234567.890",
                "-99.999"),
            new MadeColumn<FixedLenByteArray>("uuid", LogicalType.Uuid(), PhysicalType.FixedLenByteArray,
                [.. Guids.Select(guid => Fixed(new Guid(guid).ToByteArray(bigEndian: true)))], Guids, 16),
            new MadeColumn<FixedLenByteArray>(
                "fixed",
                none,
                PhysicalType.FixedLenByteArray,
                [Fixed("abc"u8), Fixed("\u00E9z"u8)],
                ["abc", "\u00E9z"],
                3),
            Texts("text", LogicalType.String()),
            Texts("bytes", none),
            Texts("enum", LogicalType.Enum()),
            Texts("json", LogicalType.Json()),
        ];
    }

    public IReadOnlyList<MadeColumn> Columns { get; }

    private static string[] Guids =>
        [
            "987083eb-3967-4a7e-8ae9-49a7205c7480",
            "00000000-0000-0000-0000-000000000001",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ];

    public void Dispose() => _pinned.ForEach(handle => handle.Free());

    private static Int96 Stamp(int day, long nanoseconds) => new((int)nanoseconds, (int)(nanoseconds >> 32), day);

    private MadeColumn<ByteArray> Texts(string name, LogicalType logical)
    {
        string[] texts = ["U0", "user-1", "user-12", "客户😀", "{\"a\":0}", new string('x', 300), "user-13"];
        return new MadeColumn<ByteArray>(
            name,
            logical,
            PhysicalType.ByteArray,
            [.. texts.Select(text => Bytes(Encoding.UTF8.GetBytes(text)))],
            texts);
    }

    private MadeColumn Decimals(string name, int precision, int scale, int length, params string[] texts)
    {
        var numbers = texts
            .Select(text => BigInteger.Parse(text.Replace(".", ""), CultureInfo.InvariantCulture))
            .ToArray();
        var logical = LogicalType.Decimal(precision, scale);
        return length < 0
            ? new MadeColumn<ByteArray>(
                name,
                logical,
                PhysicalType.ByteArray,
                [.. numbers.Select(number => Bytes(number.ToByteArray(isBigEndian: true)))],
                texts)
            : new MadeColumn<FixedLenByteArray>(
                name,
                logical,
                PhysicalType.FixedLenByteArray,
                [.. numbers.Select(number => Fixed(Wide(number, length)))],
                texts,
                length);
    }

    private static byte[] Wide(BigInteger number, int length)
    {
        var wide = new byte[length];
        wide.AsSpan().Fill(number.Sign < 0 ? (byte)0xFF : (byte)0);
        var bytes = number.ToByteArray(isBigEndian: true);
        bytes.CopyTo(wide, length - bytes.Length);
        return wide;
    }

    private ByteArray Bytes(byte[] value) => new(Pin(value), value.Length);

    private FixedLenByteArray Fixed(ReadOnlySpan<byte> value) => new(Pin(value.ToArray()));

    private nint Pin(byte[] value)
    {
        var handle = GCHandle.Alloc(value, GCHandleType.Pinned);
        _pinned.Add(handle);
        return handle.AddrOfPinnedObject();
    }
}
