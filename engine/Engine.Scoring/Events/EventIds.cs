using System.Buffers.Binary;

namespace Engine.Scoring.Events;

/// <summary>
/// Ids and numbers, from 0: a hash table that grows. One writer, and readers without locks or allocations. A number
/// takes some 15 bytes beside its id; the garbage collector sees a few large arrays, however many ids there are.
/// </summary>
internal sealed class EventIds
{
    // Ids start at multiples of it: positions of 32 bits reach 16 GB.
    private const int Unit = 4;
    private const int ChunkUnits = 1 << 18;

    private readonly ChunkList<Entry> _entries = new();
    private byte[][] _bytes = [];
    private int _unit = ChunkUnits;
    private int[] _slots = new int[16];

    /// <summary>Ids, for the writer.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes in memory.</summary>
    public long Bytes => (8 * _entries.Capacity) + (sizeof(int) * (long)Volatile.Read(ref _slots).Length)
        + ((long)Volatile.Read(ref _bytes).Length * ChunkUnits * Unit);

    /// <summary>The number of an id, or -1.</summary>
    public int Find(ReadOnlySpan<byte> id) => Find(id, HashOf(id));

    /// <summary>The id of a number.</summary>
    public ReadOnlySpan<byte> Utf8(int number) => IdAt(_entries[number].Unit);

    /// <summary>The number of an id, a new one when it has none. Only the writer calls it.</summary>
    /// <param name="id">1..65,535 bytes.</param>
    public int Add(ReadOnlySpan<byte> id)
    {
        var hash = HashOf(id);
        if (Find(id, hash) is >= 0 and var known)
        {
            return known;
        }

        // At most two slots of three are used.
        if (3L * (Count + 1) > 2L * _slots.Length)
        {
            Grow();
        }

        var number = _entries.Add(new Entry(hash, Keep(id)));
        Place(_slots, hash, number);
        return number;
    }

    /// <summary>Overwrites an id: nobody finds it any more. Only the writer calls it.</summary>
    public void Erase(int number) => Place(_entries[number].Unit)[sizeof(ushort)..][..Utf8(number).Length].Clear();

    private int Find(ReadOnlySpan<byte> id, uint hash)
    {
        var slots = Volatile.Read(ref _slots);
        var mask = (uint)slots.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var number = Volatile.Read(ref slots[slot]) - 1;
            if (number < 0)
            {
                return -1;
            }

            ref var entry = ref _entries[number];
            if (entry.Hash == hash && IdAt(entry.Unit).SequenceEqual(id))
            {
                return number;
            }
        }
    }

    private static void Place(int[] slots, uint hash, int number)
    {
        var mask = (uint)slots.Length - 1;
        var slot = hash & mask;
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        Volatile.Write(ref slots[slot], number + 1);
    }

    private void Grow()
    {
        var slots = new int[2 * _slots.Length];
        for (var number = 0; number < Count; number++)
        {
            Place(slots, _entries[number].Hash, number);
        }

        Volatile.Write(ref _slots, slots);
    }

    private uint Keep(ReadOnlySpan<byte> id)
    {
        var units = (sizeof(ushort) + id.Length + Unit - 1) / Unit;
        if (_unit + units > ChunkUnits)
        {
            Volatile.Write(ref _bytes, [.. _bytes, new byte[ChunkUnits * Unit]]);
            _unit = 0;
        }

        var unit = (uint)(((_bytes.Length - 1) * ChunkUnits) + _unit);
        var place = Place(unit);
        BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)id.Length);
        id.CopyTo(place[sizeof(ushort)..]);
        _unit += units;
        return unit;
    }

    private Span<byte> Place(uint unit) =>
        Volatile.Read(ref _bytes)[unit / ChunkUnits].AsSpan((int)(unit % ChunkUnits) * Unit);

    private ReadOnlySpan<byte> IdAt(uint unit)
    {
        var place = Place(unit);
        return place.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(place));
    }

    // Seeded by the process: nobody outside can choose ids that collide.
    private static uint HashOf(ReadOnlySpan<byte> id)
    {
        var hash = default(HashCode);
        hash.AddBytes(id);
        return (uint)hash.ToHashCode();
    }

    private readonly record struct Entry(uint Hash, uint Unit);
}
