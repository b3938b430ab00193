using System.Runtime.CompilerServices;
using Engine.Kernels;
using System.Runtime.Intrinsics.X86;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// A read-only array in mapped memory, indexed by 64-bit numbers, every access checked. Valid while its snapshot is
/// leased.
/// </summary>
public readonly unsafe struct MappedArray<T>
    where T : unmanaged
{
    private readonly T* _start;

    internal MappedArray(byte* start, long length)
    {
        _start = (T*)start;
        Length = length;
    }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>The element at <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside 0..Length-1.</exception>
    public T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)Length)
            {
                ThrowRange(index, 1);
            }

            return _start[index];
        }
    }

    /// <summary>Elements <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the array.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<T> Slice(long start, long count)
    {
        if (start < 0 || count < 0 || count > int.MaxValue || start > Length - count)
        {
            ThrowRange(start, count);
        }

        return new ReadOnlySpan<T>(_start + start, (int)count);
    }

    /// <summary>Asks for at most 2 KB of memory that will be read soon; outside the array nothing happens.</summary>
    internal void Prefetch(long start, long count)
    {
        const int Line = 64;
        var bytes = (byte*)(_start + start);
        var length = Math.Min(count * sizeof(T), 32 * Line);
        for (var at = 0; at < length && Sse.IsSupported; at += Line)
        {
            Sse.Prefetch0(bytes + at);
        }
    }

    /// <summary>The whole array as one span.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 2^31 - 1 elements: take slices.</exception>
    public ReadOnlySpan<T> AsSpan() => Slice(0, Length);

    private void ThrowRange(long start, long count) =>
        throw new ArgumentOutOfRangeException(
            nameof(start), InvariantText.Of(
                $"found {count} elements from {start}, expected a range inside 0..{Length}"));
}
