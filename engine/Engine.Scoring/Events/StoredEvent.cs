using System.Runtime.InteropServices;

namespace Engine.Scoring.Events;

/// <summary>One event in memory, 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly struct StoredEvent
{
    private const int MillisecondBits = 10;

    private readonly uint _seconds;
    private readonly ushort _rest;

    /// <summary>Packs an event.</summary>
    public StoredEvent(int previous, uint sequence, int product, EventType type, long time, ushort count)
    {
        (Previous, Sequence, Product, Count) = (previous, sequence, product, count);
        _seconds = (uint)(time / 1000);
        _rest = (ushort)((time % 1000) | ((long)type << MillisecondBits));
    }

    /// <summary>The index of the user's event before it, or -1.</summary>
    public int Previous { get; }

    /// <summary>Its place among all events, counted from the first one in memory.</summary>
    public uint Sequence { get; }

    /// <summary>The number of its product.</summary>
    public int Product { get; }

    /// <summary>Units.</summary>
    public ushort Count { get; }

    /// <summary>What it is.</summary>
    public EventType Type => (EventType)(_rest >> MillisecondBits);

    /// <summary>Milliseconds since 1970-01-01 of the dataset's clock.</summary>
    public long Time => (_seconds * 1000L) + (_rest & ((1 << MillisecondBits) - 1));
}
