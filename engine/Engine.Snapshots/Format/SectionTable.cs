using Engine.Kernels;

namespace Engine.Snapshots.Format;

/// <summary>
/// The checked section table of one file: every entry lies inside the file, aligned, in order, without overlap.
/// </summary>
internal sealed class SectionTable
{
    private readonly Dictionary<(SectionKind Kind, int Index), SectionEntry> _entries = [];

    private SectionTable(string path, SectionEntry[] entries)
    {
        Path = path;
        Entries = entries;
    }

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>In file order, unknown optional sections included.</summary>
    public IReadOnlyList<SectionEntry> Entries { get; }

    /// <summary>Reads the table of a file whose header is sound. Constant time in the size of the sections.</summary>
    /// <exception cref="SnapshotFormatException">
    /// The table is damaged or asks for what this version does not know.
    /// </exception>
    public static SectionTable Read(string path, in SnapshotHeader header, ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..(header.SectionCount * SectionEntry.Size)];
        var crc = Crc32C.Compute(bytes);
        if (crc != header.TableCrc)
        {
            throw new SnapshotFormatException(
                path, $"found section table checksum {crc:x8}, expected {header.TableCrc:x8}");
        }

        var entries = new SectionEntry[header.SectionCount];
        var table = new SectionTable(path, entries);
        var next = SnapshotHeader.Align(header.TableOffset + bytes.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = SectionEntry.Read(bytes[(i * SectionEntry.Size)..]);
            next = table.Add(entries[i], next, header.FileLength);
        }

        if (next != header.FileLength)
        {
            throw new SnapshotFormatException(
                path, InvariantText.Of(
                    $"found {header.FileLength} bytes, expected the last section to end the file at {next}"));
        }

        return table;
    }

    /// <summary>The entry of a section, or null when the file has none.</summary>
    public SectionEntry? Find(SectionKind kind, int index = 0) =>
        _entries.TryGetValue((kind, index), out var entry) ? entry : null;

    private long Add(in SectionEntry entry, long expectedOffset, long fileLength)
    {
        var name = InvariantText.Of($"section {entry.Kind}[{entry.Index}]");
        var size = ElementTypes.Size(entry.ElementType);
        if (!Enum.IsDefined(entry.Kind))
        {
            if (entry.Required)
            {
                throw new SnapshotFormatException(
                    Path,
                    $"found required section kind {(uint)entry.Kind}, expected only kinds known to format version "
                    + $"{SnapshotHeader.CurrentVersion}: a newer engine reads it");
            }
        }
        else if (size == 0)
        {
            throw new SnapshotFormatException(
                Path, $"{name}: found element type {(ushort)entry.ElementType}, expected a known one");
        }

        // Widths are bounded first, so that the product below cannot overflow.
        if (entry.Rows is < 0 or > (1L << 40) || entry.Columns < 0 || entry.Stride < entry.Columns
            || entry.Stride > 1 << 20 ||
            (size != 0 && entry.Length != entry.Rows * entry.Stride * size) || entry.Length < 0 || entry.Index < 0)
        {
            throw new SnapshotFormatException(
                Path,
                InvariantText.Of(
                    $"{name}: found {entry.Rows} rows x {entry.Columns} columns, stride {entry.Stride}, "
                    + $"in {entry.Length} bytes, expected a length of rows x stride x element size"));
        }

        if (entry.Offset != expectedOffset || entry.Length > fileLength - entry.Offset)
        {
            throw new SnapshotFormatException(
                Path,
                InvariantText.Of(
                    $"{name}: found {entry.Length} bytes at {entry.Offset}, expected them at {expectedOffset} "
                    + $"within {fileLength} bytes"));
        }

        if (!_entries.TryAdd((entry.Kind, entry.Index), entry))
        {
            throw new SnapshotFormatException(Path, $"{name}: found twice, expected once");
        }

        return SnapshotHeader.Align(entry.Offset + entry.Length);
    }
}
