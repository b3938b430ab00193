namespace Engine.Scoring.Events;

/// <summary>
/// A list that grows without moving its elements: one writer, and readers without locks. A reader may use the elements
/// that somebody told it of after they were added.
/// </summary>
internal sealed class ChunkList<T>
    where T : struct
{
    private const int Bits = 16;
    private const int Mask = (1 << Bits) - 1;

    private T[][] _chunks = [];

    /// <summary>Elements, for the writer.</summary>
    public int Count { get; private set; }

    /// <summary>Elements that there is room for.</summary>
    public long Capacity => (long)Volatile.Read(ref _chunks).Length << Bits;

    /// <summary>An element.</summary>
    public ref T this[int index] => ref Volatile.Read(ref _chunks)[index >> Bits][index & Mask];

    /// <summary>Adds an element; returns its index.</summary>
    public int Add(in T value)
    {
        if ((Count & Mask) == 0)
        {
            Volatile.Write(ref _chunks, [.. _chunks, new T[1 << Bits]]);
        }

        _chunks[Count >> Bits][Count & Mask] = value;
        return Count++;
    }
}
