using System.Globalization;
using System.Runtime.InteropServices;
using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>Writes bytes as text and returns how many characters that took, or -1 when they are no text.</summary>
internal delegate int BytesFormat(ReadOnlySpan<byte> value, Span<char> text);

/// <summary>
/// A column of byte strings, turned into text when they are decoded: the library's bytes are gone with the next page. A
/// value of a dictionary is turned once in each batch, and its rows share the text.
/// </summary>
/// <param name="field">The column.</param>
/// <param name="format">How a value is written.</param>
/// <param name="room">The characters that a value of so many bytes takes at most.</param>
/// <param name="order">How the file's minimum and maximum compare; null when that is unknown.</param>
internal sealed class ParquetBytesColumn<T>(
    ParquetField field, BytesFormat format, Func<int, int> room, Func<byte[], int, byte[], int, int>? order)
    : ParquetColumn(field)
    where T : unmanaged
{
    private const int Remembered = 1 << 12;

    private readonly T[] _batch = new T[BatchSize];
    private readonly (nint Address, int Length, int Value)[] _known = new (nint, int, int)[Remembered];
    private (int Start, int Length)[] _values = [];
    private byte[] _bytes = new byte[256];
    private char[] _text = [];
    private int _used;
    private byte[] _min = [];
    private byte[] _max = [];
    private int _minLength;
    private int _maxLength;

    protected override ReadOnlySpan<char> Value(int index) => _text.AsSpan(_values[index].Start, _values[index].Length);

    protected override (long Levels, long Values) ReadBatch(
        ColumnReader reader, Span<short> definitions, Span<short> repetitions)
    {
        var levels = ((ColumnReader<T>)reader).ReadBatch(BatchSize, definitions, repetitions, _batch, out var values);
        _values = Grow(_values, Count);
        if (Count == 0)
        {
            _used = 0;
            (_minLength, _maxLength) = (-1, -1);
        }

        Array.Clear(_known);
        for (var i = 0; i < values; i++)
        {
            _values[Count + i] = Take(_batch[i], Count + i);
        }

        return (levels, values);
    }

    protected override void CheckRange(Statistics statistics)
    {
        if (order is null)
        {
            return;
        }

        // Long texts may be named in part: the bounds hold, but need not be among the values.
        var (least, greatest) = ((Statistics<T>)statistics is { } typed)
            ? (Bytes(typed.Min), Bytes(typed.Max))
            : ([], []);
        if (order(_min, _minLength, least, least.Length) < 0 || order(_max, _maxLength, greatest, greatest.Length) > 0)
        {
            throw new ParquetMismatchException(
                $"has values from {Show(_min.AsSpan(0, _minLength))} to {Show(_max.AsSpan(0, _maxLength))}; " +
                $"the file says {Show(least)} to {Show(greatest)}");
        }
    }

    private (int Start, int Length) Take(T value, int index)
    {
        var (address, length) = Place(value);
        ref var known = ref _known[(int)((ulong)address * 0x9E3779B97F4A7C15 >> 52)];
        if (known.Address == address && known.Length == length && length > 0)
        {
            return _values[known.Value];
        }

        known = (address, length, index);
        if (length < 0)
        {
            throw new ParquetMismatchException(string.Create(
                CultureInfo.InvariantCulture,
                $"holds a value of {length} bytes"));
        }

        if (_bytes.Length < length)
        {
            _bytes = new byte[(int)Math.Min(Array.MaxLength, length * 2L)];
        }

        if (length > 0)
        {
            Marshal.Copy(address, _bytes, 0, length);
        }

        Compare(length);
        Reserve(room(length));
        var start = _used;
        var written = format(_bytes.AsSpan(0, length), _text.AsSpan(start));
        if (written < 0)
        {
            throw Field.Refuse(
                $"({Field.Type}) holds bytes that are not UTF-8 text: "
                + $"{Show(_bytes.AsSpan(0, length))}. Convert it to text");
        }

        _used += written;
        return (start, written);
    }

    private void Compare(int length)
    {
        if (order is null)
        {
            return;
        }

        if (_minLength < 0 || order(_bytes, length, _min, _minLength) < 0)
        {
            (_min, _minLength) = (Copy(_min, length), length);
        }

        if (_maxLength < 0 || order(_bytes, length, _max, _maxLength) > 0)
        {
            (_max, _maxLength) = (Copy(_max, length), length);
        }
    }

    private byte[] Copy(byte[] to, int length)
    {
        to = to.Length >= length ? to : new byte[length * 2];
        Array.Copy(_bytes, to, length);
        return to;
    }

    private void Reserve(int characters)
    {
        if (_text.Length - _used >= characters)
        {
            return;
        }

        var size = Math.Min(Array.MaxLength, Math.Max(_used + (long)characters, Math.Max(1 << 16, _text.Length * 2L)));
        if (size - _used < characters)
        {
            throw Field.Refuse("holds more than 2 GB of text in one row group. Write the file with smaller row groups");
        }

        Array.Resize(ref _text, (int)size);
    }

    private (nint Address, int Length) Place(T value) => value switch
    {
        ByteArray bytes => (bytes.Pointer, bytes.Length),
        FixedLenByteArray bytes => (bytes.Pointer, Field.Length),
        _ => throw new InvalidOperationException(),
    };

    private byte[] Bytes(T value)
    {
        var (address, length) = Place(value);
        var bytes = new byte[length];
        if (length > 0)
        {
            Marshal.Copy(address, bytes, 0, length);
        }

        return bytes;
    }

    private string Show(ReadOnlySpan<byte> value)
    {
        const int Shown = 40;
        var text = new char[room(value.Length)];
        var length = format(value, text);
        return length < 0 ? Convert.ToHexString(value[..Math.Min(Shown, value.Length)])
            : length > Shown ? $"'{text.AsSpan(0, Shown)}...'" : $"'{text.AsSpan(0, length)}'";
    }
}
