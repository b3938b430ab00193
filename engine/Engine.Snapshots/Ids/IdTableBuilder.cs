using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Engine.Kernels;

namespace Engine.Snapshots.Ids;

/// <summary>Builds the mapped hash table of a list of ids.</summary>
internal static class IdTableBuilder
{
    /// <summary>Builds the table; the ordinal of an id is its place in the list.</summary>
    /// <exception cref="InputException">An id is empty, longer than 65,535 bytes of UTF-8, or there twice.</exception>
    public static IdTableData Build(IReadOnlyList<string> ids)
    {
        var offsets = new long[ids.Count + 1];
        for (var i = 0; i < ids.Count; i++)
        {
            var length = Encoding.UTF8.GetByteCount(ids[i]);
            if (length is 0 or > ushort.MaxValue)
            {
                throw new InputException(
                    InvariantText.Of(
                        $"id number {i} has {length} bytes of UTF-8, expected 1..{ushort.MaxValue}: "
                        + $"correct it in the table"));
            }

            offsets[i + 1] = offsets[i] + IdTable.RecordHeader + length;
        }

        var records = new byte[offsets[^1]];
        var slots = new long[SlotCount(ids.Count)];
        for (var i = 0; i < ids.Count; i++)
        {
            var record = records.AsSpan((int)offsets[i], (int)(offsets[i + 1] - offsets[i]));
            BinaryPrimitives.WriteInt32LittleEndian(record, i);
            var length = Encoding.UTF8.GetBytes(ids[i], record[IdTable.RecordHeader..]);
            BinaryPrimitives.WriteUInt16LittleEndian(record[4..], (ushort)length);
            Insert(slots, records, record[IdTable.RecordHeader..], offsets[i]);
        }

        return new IdTableData(records, offsets, slots);
    }

    /// <summary>Slots for <paramref name="count"/> ids: a power of two that leaves at least a third empty.</summary>
    internal static long SlotCount(long count) =>
        (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(2, (count * 3 / 2) + 1));

    private static void Insert(long[] slots, byte[] records, ReadOnlySpan<byte> id, long offset)
    {
        var hash = IdHash.Compute(id);
        var mask = (ulong)slots.Length - 1;
        var slot = hash & mask;
        for (; slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var other = records.AsSpan((int)((slots[slot] & IdTable.OffsetMask) - 1));
            var length = BinaryPrimitives.ReadUInt16LittleEndian(other[4..]);
            if (other.Slice(IdTable.RecordHeader, length).SequenceEqual(id))
            {
                throw new InputException(
                    $"id '{Encoding.UTF8.GetString(id)}' is there twice, expected once: correct the table");
            }
        }

        slots[slot] = IdTable.Slot(hash, offset);
    }
}
