using System.Runtime.ConstrainedExecution;
using System.Runtime.InteropServices;

namespace Engine.Kernels.Memory;

/// <summary>
/// Memory of zeros outside of the collected heap, all of its pages laid, its start on a 64-byte boundary. For what is
/// large and lives as long as a model: the collector keeps the place of such an array for the next one. Whoever keeps a
/// pointer keeps the block as well.
/// </summary>
internal sealed unsafe class NativeBlock : CriticalFinalizerObject
{
    private const int Alignment = 64;

    /// <param name="bytes">0 or more.</param>
    /// <exception cref="OutOfMemoryException">The system has no more.</exception>
    public NativeBlock(long bytes)
    {
        Bytes = Math.Max(Alignment, bytes);
        Start = (byte*)NativeMemory.AlignedAlloc(checked((nuint)Bytes), Alignment);
        HugePages.Ask(Start, Bytes);
        HugePages.Clear(Start, Bytes);
    }

    ~NativeBlock() => Free();

    /// <summary>The first byte; null once it is freed.</summary>
    public byte* Start { get; private set; }

    /// <summary>Its length.</summary>
    public long Bytes { get; }

    /// <summary>Gives the pages of a large block back to the system: they are zero again.</summary>
    public void Release() => PageRelease.InSlices(Start, Bytes);

    /// <summary>Frees the memory, which the collector does else; again, it does nothing.</summary>
    public void Free()
    {
        if (Start != null)
        {
            Release();
            NativeMemory.AlignedFree(Start);
            Start = null;
        }
    }
}
