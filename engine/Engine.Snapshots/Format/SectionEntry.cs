using System.Buffers.Binary;

namespace Engine.Snapshots.Format;

/// <summary>One row of the section table, 64 bytes; FORMAT.md has the byte diagram.</summary>
/// <param name="Kind">What the section holds.</param>
/// <param name="Index">Which of several sections of this kind: the place of a tag in the tag schema; else 0.</param>
/// <param name="ElementType">What one element is.</param>
/// <param name="Required">A reader that does not know the kind must refuse the file.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Meaningful elements of a row.</param>
/// <param name="Stride">Elements from one row to the next, at least <paramref name="Columns"/>.</param>
/// <param name="Offset">Byte offset in the file, a multiple of 64.</param>
/// <param name="Length">Bytes: rows x stride x element size.</param>
/// <param name="Crc">CRC-32C of these bytes.</param>
internal readonly record struct SectionEntry(
    SectionKind Kind,
    int Index,
    ElementType ElementType,
    bool Required,
    long Rows,
    int Columns,
    int Stride,
    long Offset,
    long Length,
    uint Crc)
{
    /// <summary>Bytes of one entry.</summary>
    public const int Size = 64;

    private const ushort RequiredFlag = 1;

    /// <summary>Writes the 64 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)ElementType);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Required ? RequiredFlag : (ushort)0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Index);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Columns);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Rows);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Stride);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], Crc);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], Length);
    }

    /// <summary>Reads one entry as it stands; <see cref="SectionTable"/> checks it.</summary>
    public static SectionEntry Read(ReadOnlySpan<byte> bytes) => new(
        (SectionKind)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
        (ElementType)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
        (BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) & RequiredFlag) != 0,
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]));
}
