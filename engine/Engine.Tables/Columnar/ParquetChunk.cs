using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Tables.Columnar;

/// <summary>
/// One column of one row group: a dictionary page, when there is one, and a data page, both without compression: indices of
/// dictionaries take few bits as it is. Parquet format 2.9, data page version 1.
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
    public ParquetExtent Extent => new(_bytes.Length, DataOffset);

    /// <summary>Where the data page begins; 0 when there is no dictionary.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Starts over.</summary>
    /// <returns>The body of the first page, to be filled.</returns>
    public ByteBuffer Begin()
    {
        _bytes.Clear();
        _page.Clear();
        DataOffset = 0;
        return _page;
    }

    /// <summary>Ends the dictionary page.</summary>
    /// <returns>The body of the data page, to be filled.</returns>
    public ByteBuffer EndDictionary(int values)
    {
        EndPage(DictionaryPage, thrift =>
        {
            thrift.Begin(7);
            thrift.I32(1, values);
            thrift.I32(2, Plain);
            thrift.End();
        });
        DataOffset = _bytes.Length;
        return _page;
    }

    /// <summary>Ends the data page and with it the chunk.</summary>
    public void EndData(int values) => EndPage(DataPage, thrift =>
    {
        thrift.Begin(5);
        thrift.I32(1, values);
        thrift.I32(2, DataOffset > 0 ? DictionaryIndices : Plain);
        thrift.I32(3, LevelEncoding);
        thrift.I32(4, LevelEncoding);
        thrift.End();
    });

    /// <summary>Bits of an index into a dictionary, at least one.</summary>
    public static int BitsFor(int dictionarySize) => Math.Max(1, 32 - BitOperations.LeadingZeroCount((uint)Math.Max(0, dictionarySize - 1)));

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
        for (var i = 0; i < groups * 8; i++)
        {
            held |= (ulong)(uint)(i < indices.Length ? indices[i] : 0) << count;
            for (count += bits; count >= 8; count -= 8, held >>= 8)
            {
                target[at++] = (byte)held;
            }
        }
    }

    private void EndPage(int type, Action<CompactThrift> header)
    {
        var thrift = new CompactThrift(_bytes);
        thrift.I32(1, type);
        thrift.I32(2, _page.Length);
        thrift.I32(3, _page.Length);
        header(thrift);
        thrift.End();
        _bytes.Add(_page.Memory.Span);
        _page.Clear();
    }
}
