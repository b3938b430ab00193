using System.Runtime.InteropServices;
using Engine.Kernels;
using Engine.Kernels.Memory;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// Memory outside the collected heap for what is derived from a snapshot when it is made ready, of any length. Not
/// cleared, all of its pages laid. Whoever takes a view keeps the array.
/// </summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    private const int Alignment = 64;

    private T* _start;

    /// <param name="length">Elements, 0 or more.</param>
    public NativeArray(long length)
    {
        Length = length;
        var bytes = Math.Max(Alignment, checked((nuint)length * (nuint)sizeof(T)));
        _start = (T*)NativeMemory.AlignedAlloc(bytes, Alignment);
        HugePages.Ask(_start, (long)bytes);
        HugePages.Populate(_start, (long)bytes);
    }

    ~NativeArray() => Free();

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>The first element.</summary>
    public T* Start => _start;

    /// <summary>The elements, as those of a file are read.</summary>
    public MappedArray<T> View => new((byte*)_start, Length);

    /// <summary>The same as an array of its first elements.</summary>
    public MappedArray<T> First(long count) => new((byte*)_start, count);

    /// <summary>Elements <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/>.</summary>
    public Span<T> Slice(long start, int count)
    {
        if (start < 0 || count < 0 || start > Length - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), InvariantText.Of($"found {count} from {start}, expected 0..{Length}"));
        }

        return new Span<T>(_start + start, count);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_start != null)
        {
            PageRelease.InSlices(_start, Length * sizeof(T));
        }

        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
