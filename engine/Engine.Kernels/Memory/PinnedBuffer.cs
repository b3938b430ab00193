using System.Runtime.CompilerServices;

namespace Engine.Kernels.Memory;

/// <summary>
/// Managed memory that does not move, its first element on a 64-byte boundary, zero-filled. The collector frees it;
/// whoever keeps a pointer into it keeps the buffer as well.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class PinnedBuffer<T>
    where T : unmanaged
{
    private const int Alignment = 64;

    // The codes of a model, which are written whole.
    private const long Large = 16 << 20;

    private readonly T[] _array;

    /// <summary>A buffer of <paramref name="length"/> zero elements.</summary>
    /// <param name="length">Number of elements, 0 or more.</param>
    public PinnedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        // One alignment unit more than asked for, so that some element within the first unit is on the boundary.
        var slack = (Alignment + sizeof(T) - 1) / sizeof(T);
        _array = GC.AllocateArray<T>(checked(length + slack), pinned: true);
        var start = (nuint)Unsafe.AsPointer(ref _array[0]);
        Pointer = (T*)((start + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        Length = length;
        HugePages.Ask(Pointer, (long)length * sizeof(T));
        if ((long)length * sizeof(T) >= Large)
        {
            HugePages.Populate(Pointer, (long)length * sizeof(T));
        }
    }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>All elements.</summary>
    public Span<T> Span => new(Pointer, Length);

    /// <summary>
    /// Gives the pages of a large buffer back to the system; it is all zero again. The collector keeps the place of a
    /// dead buffer for the next one of its size, however long that takes.
    /// </summary>
    public void Release() => PageRelease.InSlices(Pointer, (long)Length * sizeof(T));

    /// <summary>The first element, 64-byte aligned.</summary>
    internal T* Pointer { get; }
}
