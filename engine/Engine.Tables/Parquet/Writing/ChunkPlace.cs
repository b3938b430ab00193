using System.Buffers.Binary;

namespace Engine.Tables.Parquet.Writing;

/// <summary>Where the pages of one column of one row group lie, in bytes from the start of the chunk.</summary>
public readonly record struct ChunkPlace
{
    /// <summary>Bytes of a place as it is written.</summary>
    public const int Size = 5 * sizeof(int);

    /// <summary>Bytes of the chunk.</summary>
    public int Length { get; init; }

    /// <summary>Where the data page begins; 0 when there is no dictionary.</summary>
    public int Data { get; init; }

    /// <summary>Where the values of the dictionary begin.</summary>
    public int DictionaryBody { get; init; }

    /// <summary>Values of the dictionary.</summary>
    public int DictionaryValues { get; init; }

    /// <summary>Where the values, or the indices, of the data page begin.</summary>
    public int DataBody { get; init; }

    /// <summary>What the footer must know of it.</summary>
    public ParquetExtent Extent => new(Length, Data);

    /// <summary>Whether the data are indices of a dictionary.</summary>
    public bool HasDictionary => Data > 0;

    /// <summary>
    /// The place of column number <paramref name="column"/> where places of columns follow one another.
    /// </summary>
    public static ChunkPlace Read(ReadOnlySpan<byte> detail, int column)
    {
        var bytes = detail.Slice(column * Size, Size);
        return new ChunkPlace
        {
            Length = BinaryPrimitives.ReadInt32LittleEndian(bytes),
            Data = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            DictionaryBody = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            DictionaryValues = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            DataBody = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
        };
    }

    /// <summary>Writes it where <see cref="Read"/> finds it.</summary>
    public void Write(Span<byte> detail, int column)
    {
        var bytes = detail.Slice(column * Size, Size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Data);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], DictionaryBody);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], DictionaryValues);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], DataBody);
    }
}
