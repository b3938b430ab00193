namespace Engine.Kernels.Memory;

/// <summary>
/// Zeroed fp32 scratch that starts on a 64-byte boundary and never moves; freed with the object that holds it.
/// </summary>
internal sealed unsafe class AlignedBuffer
{
    private const int Alignment = 64;

    private readonly float[] _storage;

    /// <param name="length">Floats, at least 0.</param>
    public AlignedBuffer(int length)
    {
        _storage = GC.AllocateArray<float>(length + (Alignment / sizeof(float)), pinned: true);
        fixed (float* start = _storage)
        {
            Pointer = (float*)(((nuint)start + Alignment - 1) & ~(nuint)(Alignment - 1));
        }
    }

    /// <summary>The first float; valid while this object lives.</summary>
    public float* Pointer { get; }
}
