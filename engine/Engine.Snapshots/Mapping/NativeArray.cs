using Engine.Kernels;
using Engine.Kernels.Memory;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// Memory outside the collected heap for what is derived from a snapshot when it is made ready, of any length. Zeros,
/// all of its pages laid. Whoever takes a view keeps the array.
/// </summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBlock _block;

    /// <param name="length">Elements, 0 or more.</param>
    public NativeArray(long length)
    {
        Length = length;
        _block = new NativeBlock(checked(length * sizeof(T)));
    }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>The first element.</summary>
    public T* Start => (T*)_block.Start;

    /// <summary>The elements, as those of a file are read.</summary>
    public MappedArray<T> View => new(_block.Start, Length);

    /// <summary>The same as an array of its first elements.</summary>
    public MappedArray<T> First(long count) => new(_block.Start, count);

    /// <summary>Elements <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/>.</summary>
    public Span<T> Slice(long start, int count)
    {
        if (start < 0 || count < 0 || start > Length - count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), InvariantText.Of($"found {count} from {start}, expected 0..{Length}"));
        }

        return new Span<T>(Start + start, count);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _block.Free();
}
