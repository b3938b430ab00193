using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using Engine.Kernels.Memory;
using Engine.Snapshots.Files;
using Microsoft.Win32.SafeHandles;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// A whole file in memory, read-only. A mapping shows what other programs write into the file, and touching a page that
/// was truncated away ends the process: see <see cref="IsIntact"/>.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeFileHandle? _handle;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly MappedFile? _whole;
    private readonly FileStamp _mapped;
    private readonly string _path;
    private byte* _start;

    /// <summary>Maps <paramref name="path"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="access">Whether the file itself or a private copy is mapped.</param>
    /// <param name="cancellation">Ends the making of a copy.</param>
    /// <exception cref="InputException">The file is missing, empty, unreadable, or no file.</exception>
    [SuppressMessage(
        "Reliability",
        "CA2000",
        Justification = "The mapping owns the handles, and disposes them when it cannot be made.")]
    public MappedFile(string path, SnapshotAccess access, CancellationToken cancellation = default)
    {
        _path = path;
        try
        {
            // A link is followed here, and refused in a snapshot root: a person may name one.
            _handle = PlainFile.Open(path, followLink: true);
            Source = FileStamp.Of(_handle, path);
            if (access == SnapshotAccess.PrivateCopy && PrivateCopy.TryMake(_handle, path, cancellation) is { } copy)
            {
                _handle.Dispose();
                (_handle, IsPrivate) = (copy, true);
            }

            _mapped = FileStamp.Of(_handle, path);
            Length = _mapped.Length;
            if (Length == 0)
            {
                throw new InputException($"{path} is empty, expected a snapshot: publish it again");
            }

            _file = MemoryMappedFile.CreateFromFile(
                _handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            if (_view.Capacity < Length)
            {
                throw new IOException("it was truncated while it was opened");
            }
        }
        catch (Exception e)
        {
            _view?.Dispose();
            _file?.Dispose();
            _handle?.Dispose();

            // ArgumentException: it was emptied while it was opened.
            if (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new InputException($"{path} cannot be read: {e.Message}", e);
            }

            throw;
        }

        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    /// <summary>A file that is part of a mapped one, which owns the mapping.</summary>
    public MappedFile(MappedFile whole, long offset, long length)
    {
        (_whole, _path, Source, _mapped) = (whole, whole._path, whole.Source, whole._mapped);
        (IsPrivate, Length) = (whole.IsPrivate, length);
        _start = whole.Pointer(offset, length);
    }

    /// <summary>The published file when it was opened.</summary>
    public FileStamp Source { get; }

    /// <summary>Whether no other program can reach the mapped bytes.</summary>
    public bool IsPrivate { get; }

    /// <summary>Whether the mapped bytes are still those that were opened.</summary>
    public bool IsIntact => _whole?.IsIntact ?? (IsPrivate || FileStamp.Of(_handle!, _path).IsContentOf(_mapped));

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
            if (_view is not null)
            {
                PageRelease.InSlices(_start, Length);
            }

            _start = null;
            _view?.SafeMemoryMappedViewHandle.ReleasePointer();
            _view?.Dispose();
            _file?.Dispose();
            _handle?.Dispose();
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
