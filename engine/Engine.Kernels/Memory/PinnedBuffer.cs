using System.Runtime.CompilerServices;

namespace Engine.Kernels.Memory;

/// <summary>
/// Memory that does not move, its first element on a 64-byte boundary, zero-filled. The collector frees it; whoever
/// keeps a pointer or a span of it keeps the buffer as well.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class PinnedBuffer<T>
    where T : unmanaged
{
    private const int Alignment = 64;

    // Below it, an array of the collected heap costs less.
    private const long LeastOutside = 1 << 20;

    private readonly T[]? _array;
    private readonly NativeBlock? _block;

    /// <summary>A buffer of <paramref name="length"/> zero elements.</summary>
    /// <param name="length">Number of elements, 0 or more.</param>
    /// <param name="isLasting">
    /// Whether it may live as long as a model; a large one then lies outside of the collected heap.
    /// </param>
    public PinnedBuffer(int length, bool isLasting = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        var bytes = (long)length * sizeof(T);
        if (isLasting && bytes >= LeastOutside)
        {
            _block = new NativeBlock(bytes);
            Pointer = (T*)_block.Start;
            return;
        }

        // One alignment unit more than asked for, so that some element within the first unit is on the boundary.
        var slack = (Alignment + sizeof(T) - 1) / sizeof(T);
        _array = GC.AllocateArray<T>(checked(length + slack), pinned: true);
        var start = (nuint)Unsafe.AsPointer(ref _array[0]);
        Pointer = (T*)((start + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        HugePages.Ask(Pointer, bytes);
    }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>All elements.</summary>
    public Span<T> Span => new(Pointer, Length);

    /// <summary>
    /// Gives the pages of a large lasting buffer back to the system; it is all zero again, and freed when the collector
    /// finds it dead.
    /// </summary>
    public void Release() => _block?.Release();

    /// <summary>The first element, 64-byte aligned.</summary>
    internal T* Pointer { get; }
}
