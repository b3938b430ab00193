using System.Runtime.InteropServices;
using System.Text;
using Engine.Kernels;
using Engine.Snapshots.Format;
using Engine.Snapshots.Ids;

namespace Engine.Snapshots.Writing;

/// <summary>
/// Writes sections one after the other, aligned and checksummed, then the table and the header before them.
/// </summary>
internal sealed class SectionWriter
{
    private const int ChunkElements = 1 << 20;

    private readonly Stream _stream;
    private readonly int _sectionCount;
    private readonly List<SectionEntry> _entries = [];
    private long _start;
    private uint _crc;

    /// <summary>Bytes of a section.</summary>
    internal delegate ReadOnlySpan<byte> BytesOf(long offset, int length);

    /// <summary>Leaves room for the header and the table of <paramref name="sectionCount"/> sections.</summary>
    public SectionWriter(Stream stream, int sectionCount)
    {
        _stream = stream;
        _sectionCount = sectionCount;
        Pad(SnapshotHeader.Align(SnapshotHeader.Size + ((long)sectionCount * SectionEntry.Size)));
    }

    /// <summary>A one-dimensional section.</summary>
    public void Array<T>(SectionKind kind, ReadOnlySpan<T> elements, int index = 0, bool required = true)
        where T : unmanaged => Matrix(kind, elements, elements.Length, 1, 1, index, required);

    /// <summary>A row-major matrix.</summary>
    public void Matrix<T>(
        SectionKind kind, ReadOnlySpan<T> elements, long rows, int columns, int stride, int index = 0,
        bool required = true)
        where T : unmanaged
    {
        Begin();
        for (var start = 0; start < elements.Length; start += ChunkElements)
        {
            Append(elements.Slice(start, Math.Min(ChunkElements, elements.Length - start)));
        }

        End<T>(kind, index, required, rows, columns, stride);
    }

    /// <summary>Rows that are made as they are written, so that no copy of all of them is held.</summary>
    /// <param name="kind">What they are.</param>
    /// <param name="rows">How many.</param>
    /// <param name="width">Elements of each.</param>
    /// <param name="columns">As the table names it: the width, or 1 for elements without rows.</param>
    /// <param name="fill">Writes whole rows, from the given one on.</param>
    /// <param name="tail">Zeros after the last row.</param>
    public void Rows<T>(SectionKind kind, int rows, int width, int columns, Action<int, Span<T>> fill, int tail = 0)
        where T : unmanaged
    {
        var most = Math.Max(1, ChunkElements / width);
        var chunk = new T[most * width];
        Begin();
        for (var row = 0; row < rows; row += most)
        {
            var elements = chunk.AsSpan(0, Math.Min(most, rows - row) * width);
            fill(row, elements);
            Append<T>(elements);
        }

        Append<T>(new T[tail]);
        End<T>(kind, 0, true, (((long)rows * width) + tail) / columns, columns, columns);
    }

    /// <summary>The three sections of an id table, <paramref name="kind"/> being the first of them.</summary>
    public void Ids(SectionKind kind, IReadOnlyList<string> ids)
    {
        var table = IdTableBuilder.Build(ids);
        Array<byte>(kind, table.Records);
        Offsets(kind + 1, table.Offsets);
        Array<long>(kind + 2, table.Slots);
    }

    /// <summary>The bytes of texts, and in the next kind where each starts.</summary>
    public void Strings(SectionKind kind, IReadOnlyList<string> texts, int index = 0, bool required = true)
    {
        var offsets = new long[texts.Count + 1];
        using var bytes = new MemoryStream();
        for (var i = 0; i < texts.Count; i++)
        {
            bytes.Write(Encoding.UTF8.GetBytes(texts[i]));
            offsets[i + 1] = bytes.Position;
        }

        Array<byte>(kind, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), index, required);
        Offsets(kind + 1, offsets, index, required);
    }

    /// <summary>Where rows start: 32 bits each where they suffice for the last one.</summary>
    public void Offsets(SectionKind kind, long[] offsets, int index = 0, bool required = true)
    {
        if (offsets[^1] > int.MaxValue)
        {
            Array<long>(kind, offsets, index, required);
            return;
        }

        Begin();
        foreach (var chunk in offsets.Chunk(ChunkElements))
        {
            Append<int>(System.Array.ConvertAll(chunk, offset => (int)offset));
        }

        End<int>(kind, index, required, offsets.Length, 1, 1);
    }

    /// <summary>
    /// A sparse matrix: offsets, indices and values, <paramref name="kind"/> being the first of them.
    /// </summary>
    public void Sparse(SectionKind kind, SparseContent matrix)
    {
        Array<long>(kind, matrix.Offsets);
        Array<int>(kind + 1, matrix.Indices);
        Array<float>(kind + 2, matrix.Values);
    }

    /// <summary>A section as it is in another file.</summary>
    /// <param name="entry">Its entry there.</param>
    /// <param name="read">Some of its bytes, by their place in the section and their number.</param>
    public void Copy(in SectionEntry entry, BytesOf read)
    {
        var offset = _stream.Position;
        for (var done = 0L; done < entry.Length; done += ChunkElements)
        {
            _stream.Write(read(done, (int)Math.Min(ChunkElements, entry.Length - done)));
        }

        _entries.Add(entry with { Offset = offset });
        Pad(SnapshotHeader.Align(_stream.Position));
    }

    /// <summary>Writes the table and the header.</summary>
    public void Finish()
    {
        if (_entries.Count != _sectionCount)
        {
            throw new InvalidOperationException(
                InvariantText.Of($"{_entries.Count} sections were written, room was left for {_sectionCount}"));
        }

        var table = new byte[_entries.Count * SectionEntry.Size];
        for (var i = 0; i < _entries.Count; i++)
        {
            _entries[i].Write(table.AsSpan(i * SectionEntry.Size));
        }

        var header = new byte[SnapshotHeader.Size];
        new SnapshotHeader(
            SnapshotHeader.CurrentVersion, _entries.Count, _stream.Position, SnapshotHeader.Size, Crc32C.Compute(table))
            .Write(header);
        _stream.Position = 0;
        _stream.Write(header);
        _stream.Write(table);
    }

    private void Begin() => (_start, _crc) = (_stream.Position, 0);

    private void Append<T>(ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(elements);
        _crc = Crc32C.Append(_crc, bytes);
        _stream.Write(bytes);
    }

    private void End<T>(SectionKind kind, int index, bool required, long rows, int columns, int stride)
        where T : unmanaged
    {
        var length = _stream.Position - _start;
        _entries.Add(
            new SectionEntry(kind, index, ElementTypes.Of<T>(), required, rows, columns, stride, _start, length, _crc));
        Pad(SnapshotHeader.Align(_stream.Position));
    }

    private void Pad(long end) => _stream.Write(new byte[end - _stream.Position]);
}
