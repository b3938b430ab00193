using System.IO.MemoryMappedFiles;

namespace Engine.Snapshots.Mapping;

/// <summary>A whole file in memory, read-only. Published files never change, so neither do these bytes.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    /// <summary>Maps <paramref name="path"/>.</summary>
    /// <exception cref="InputException">The file is missing, empty or unreadable.</exception>
    public MappedFile(string path)
    {
        try
        {
            Length = new FileInfo(path).Length;
            if (Length == 0)
            {
                throw new InputException($"{path} is empty, expected a snapshot: publish it again");
            }

            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }

        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Bytes <paramref name="offset"/> .. <paramref name="offset"/> + <paramref name="count"/>.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        CheckRange(offset, count);
        return new ReadOnlySpan<byte>(_start + offset, count);
    }

    /// <summary>The address of a range that the caller has a right to until <see cref="Dispose"/>.</summary>
    public byte* Pointer(long offset, long count)
    {
        CheckRange(offset, count);
        return _start + offset;
    }

    /// <summary>Unmaps. Nobody may touch a view of the file any more: leases see to it.</summary>
    public void Dispose()
    {
        if (_start != null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    private void CheckRange(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - offset);
    }
}
