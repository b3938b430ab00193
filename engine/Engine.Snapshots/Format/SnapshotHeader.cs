using System.Buffers.Binary;
using Engine.Kernels;

namespace Engine.Snapshots.Format;

/// <summary>The first 64 bytes of a snapshot file; FORMAT.md has the byte diagram.</summary>
internal readonly record struct SnapshotHeader(
    uint Version, int SectionCount, long FileLength, long TableOffset, uint TableCrc)
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 64;

    /// <summary>The version that this code writes.</summary>
    public const uint CurrentVersion = 3;

    /// <summary>The first version that this code reads.</summary>
    public const uint EarliestVersion = 1;

    /// <summary>Every section, and the end of the file, lies on a multiple of this many bytes.</summary>
    public const int Alignment = 64;

    private const int CrcOffset = 60;

    /// <summary>The first eight bytes; the line feed shows a copy that went through a text mode.</summary>
    public static ReadOnlySpan<byte> Magic => "RECSNAP\n"u8;

    /// <summary><paramref name="offset"/> rounded up to the alignment.</summary>
    public static long Align(long offset) => (offset + Alignment - 1) & -Alignment;

    /// <summary>Writes the 64 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], SectionCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], FileLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], TableOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], TableCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc32C.Compute(bytes[..CrcOffset]));
    }

    /// <summary>Reads and checks the header of a file of <paramref name="length"/> bytes.</summary>
    /// <exception cref="SnapshotFormatException">
    /// The bytes are not the header of a complete snapshot of this version.
    /// </exception>
    public static SnapshotHeader Read(string path, ReadOnlySpan<byte> bytes, long length)
    {
        if (bytes.Length < Size)
        {
            throw new SnapshotFormatException(
                path, InvariantText.Of($"found {length} bytes, expected at least the {Size} bytes of the header"));
        }

        if (!bytes[..8].SequenceEqual(Magic))
        {
            throw new SnapshotFormatException(
                path,
                $"found first bytes {Convert.ToHexString(bytes[..8])}, "
                + $"expected {Convert.ToHexString(Magic)} (RECSNAP)");
        }

        var expected = BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]);
        var found = Crc32C.Compute(bytes[..CrcOffset]);
        if (found != expected)
        {
            throw new SnapshotFormatException(path, $"found header checksum {found:x8}, expected {expected:x8}");
        }

        var header = new SnapshotHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]));
        if (header.Version is < EarliestVersion or > CurrentVersion)
        {
            throw new SnapshotFormatException(
                path,
                $"found format version {header.Version}, expected {EarliestVersion} to {CurrentVersion}: "
                + "a newer engine reads it");
        }

        if (header.FileLength != length)
        {
            throw new SnapshotFormatException(
                path, InvariantText.Of(
                    $"found {length} bytes, expected {header.FileLength}: the file was cut or extended"));
        }

        var tableEnd = header.TableOffset + ((long)header.SectionCount * SectionEntry.Size);
        if (header.SectionCount is < 1 or > 100_000 || header.TableOffset != Size || tableEnd > length)
        {
            throw new SnapshotFormatException(
                path,
                InvariantText.Of(
                    $"found a table of {header.SectionCount} sections at {header.TableOffset}, "
                    + $"expected one at {Size} within {length} bytes"));
        }

        return header;
    }
}
