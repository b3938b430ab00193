using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Tables.Parquet.Writing;

/// <summary>
/// One column of one row group: a dictionary page, when there is one, and a data page, both without compression:
/// indices of dictionaries take few bits as it is. Parquet format 2.9, data page version 1.
/// </summary>
public sealed class ParquetChunk
{
    private const int DataPage = 0;
    private const int DictionaryPage = 2;
    private const int Plain = 0;
    private const int LevelEncoding = 3;
    private const int DictionaryIndices = 8;

    private readonly ByteBuffer _bytes = new();
    private readonly ByteBuffer _page = new();

    /// <summary>The finished chunk.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.Memory;

    /// <summary>What the footer must know of it.</summary>
    public ParquetExtent Extent => new(_bytes.Length, Place.Data);

    /// <summary>Where everything lies; whole from <see cref="EndData"/> on.</summary>
    public ChunkPlace Place { get; private set; }

    /// <summary>Starts over.</summary>
    /// <returns>The body of the first page, to be filled.</returns>
    public ByteBuffer Begin()
    {
        _bytes.Clear();
        _page.Clear();
        Place = default;
        return _page;
    }

    /// <summary>Ends the dictionary page.</summary>
    /// <returns>The body of the data page, to be filled.</returns>
    public ByteBuffer EndDictionary(int values)
    {
        var body = EndPage(DictionaryPage, thrift =>
        {
            thrift.Begin(7);
            thrift.I32(1, values);
            thrift.I32(2, Plain);
            thrift.End();
        });
        Place = new ChunkPlace { DictionaryValues = values, DictionaryBody = body, Data = _bytes.Length };
        return _page;
    }

    /// <summary>Ends the data page and with it the chunk.</summary>
    public void EndData(int values)
    {
        var body = EndPage(DataPage, thrift =>
        {
            thrift.Begin(5);
            thrift.I32(1, values);
            thrift.I32(2, Place.HasDictionary ? DictionaryIndices : Plain);
            thrift.I32(3, LevelEncoding);
            thrift.I32(4, LevelEncoding);
            thrift.End();
        });
        Place = Place with { DataBody = body, Length = _bytes.Length };
    }

    /// <summary>Bits of an index into a dictionary, at least one.</summary>
    public static int BitsFor(int dictionarySize) =>
        Math.Max(1, 32 - BitOperations.LeadingZeroCount((uint)Math.Max(0, dictionarySize - 1)));

    /// <summary>A run of one index, as RLE writes it.</summary>
    public static void AddRun(ByteBuffer page, int index, int count, int bits)
    {
        CompactThrift.Varint(page, (ulong)(uint)count << 1);
        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(value, index);
        page.Add(value[..((bits + 7) / 8)]);
    }

    /// <summary>Indices bit by bit, the lowest bits first; the last group of eight is filled up with zeros.</summary>
    public static void AddPacked(ByteBuffer page, ReadOnlySpan<int> indices, int bits)
    {
        var groups = (indices.Length + 7) / 8;
        CompactThrift.Varint(page, ((ulong)(uint)groups << 1) | 1);
        var target = page.Take(groups * bits);
        ulong held = 0;
        var (count, at) = (0, 0);
        foreach (var index in indices)
        {
            // At most 31 bits are held and 31 come: they fit.
            held |= (ulong)(uint)index << count;
            count += bits;
            if (count >= 32)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(target[at..], (uint)held);
                at += sizeof(uint);
                held >>= 32;
                count -= 32;
            }
        }

        for (; at < target.Length; held >>= 8)
        {
            target[at++] = (byte)held;
        }
    }

    /// <summary>What <see cref="AddPacked"/> wrote.</summary>
    public static void ReadPacked(ReadOnlySpan<byte> packed, Span<int> indices, int bits)
    {
        ulong held = 0;
        var (count, at) = (0, 0);
        var mask = (1ul << bits) - 1;
        for (var i = 0; i < indices.Length; i++)
        {
            for (; count < bits; count += 8)
            {
                held |= (ulong)packed[at++] << count;
            }

            indices[i] = (int)(held & mask);
            held >>= bits;
            count -= bits;
        }
    }

    /// <summary>Gives the memory back; the chunk must not be used any more.</summary>
    public void Release()
    {
        _bytes.Release();
        _page.Release();
    }

    private int EndPage(int type, Action<CompactThrift> header)
    {
        var thrift = new CompactThrift(_bytes);
        thrift.I32(1, type);
        thrift.I32(2, _page.Length);
        thrift.I32(3, _page.Length);
        header(thrift);
        thrift.End();
        var body = _bytes.Length;
        _bytes.Add(_page.Memory.Span);
        _page.Clear();
        return body;
    }
}
