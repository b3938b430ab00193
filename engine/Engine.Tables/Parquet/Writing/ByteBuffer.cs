using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Engine.Tables.Parquet.Writing;

/// <summary>
/// Bytes that grow; cleared and filled again for each part, so a batch stops allocating after the first ones. Where
/// they grow, a pool takes back what was too short: a short batch leaves little to the garbage collector, too.
/// </summary>
public sealed class ByteBuffer
{
    private const int FirstBytes = 1 << 12;

    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create(",\"\r\n"u8);

    private byte[] _bytes = new byte[FirstBytes];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>What was written, to be changed in place.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets all.</summary>
    public void Clear() => Length = 0;

    /// <summary>Forgets all, and gives the memory back. What was read of it must not be used any more.</summary>
    public void Release()
    {
        Length = 0;
        Replace([]);
    }

    /// <summary>Room for more bytes, which count as written.</summary>
    public Span<byte> Take(int count)
    {
        if (_bytes.Length - Length < count)
        {
            var longer = ArrayPool<byte>.Shared.Rent(checked(Math.Max(Length + count, 2 * _bytes.Length)));
            Memory.CopyTo(longer);
            Replace(longer);
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    /// <summary>Appends bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Appends one byte.</summary>
    public void Add(byte value) => Take(1)[0] = value;

    /// <summary>Appends a text in UTF-8 after its length in bytes, 32 bits, as Parquet has it.</summary>
    public void AddPrefixed(ReadOnlySpan<char> text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var room = Take(sizeof(int) + most);
        var written = Encoding.UTF8.GetBytes(text, room[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(room, written);
        Length -= most - written;
    }

    /// <summary>Appends a 64-bit word.</summary>
    public void Add(ulong word) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), word);

    /// <summary>Appends a CSV cell, in quotes only where it needs them.</summary>
    public void AddCell(ReadOnlySpan<byte> cell)
    {
        if (!cell.ContainsAny(NeedQuotes))
        {
            Add(cell);
            return;
        }

        Add((byte)'"');
        foreach (var value in cell)
        {
            if (value == '"')
            {
                Add(value);
            }

            Add(value);
        }

        Add((byte)'"');
    }

    /// <summary>Appends a number in invariant, shortest form that reads back as the same one.</summary>
    public void AddNumber<T>(T number)
        where T : IUtf8SpanFormattable
    {
        const int Longest = 32;
        var room = Take(Longest);
        if (!number.TryFormat(room, out var written, default, CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"a number takes more than {Longest} bytes");
        }

        Length -= Longest - written;
    }

    private void Replace(byte[] bytes)
    {
        if (_bytes.Length > FirstBytes)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bytes;
    }

    /// <summary>What was written, as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Memory.Span);
}
