using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Engine.Kernels;
using Engine.Snapshots.Mapping;

namespace Engine.Snapshots.Ids;

/// <summary>
/// Ids and ordinals, both ways, in mapped memory: an id is found with two cache misses (its slot, its record), also
/// among 100 million. Ids are opaque, case-sensitive UTF-8. Valid while its snapshot is leased.
/// </summary>
public readonly struct IdTable
{
    internal const int RecordHeader = 6;
    internal const int OffsetBits = 40;
    internal const long OffsetMask = (1L << OffsetBits) - 1;

    private readonly MappedArray<byte> _records;
    private readonly MappedOffsets _offsets;
    private readonly MappedArray<long> _slots;
    private readonly HiddenOrdinals? _hidden;

    internal IdTable(
        MappedArray<byte> records, MappedOffsets offsets, MappedArray<long> slots, HiddenOrdinals? hidden = null)
    {
        _hidden = hidden;
        _records = records;
        _offsets = offsets;
        _slots = slots;
    }

    /// <summary>Ids.</summary>
    public int Count => (int)(_offsets.Length - 1);

    /// <summary>The id of an ordinal, UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8(int ordinal)
    {
        var start = _offsets[ordinal];
        return _records.Slice(start + RecordHeader, _offsets[ordinal + 1L] - start - RecordHeader);
    }

    /// <summary>The id of an ordinal.</summary>
    public string Get(int ordinal) => Encoding.UTF8.GetString(Utf8(ordinal));

    /// <summary>The same table, without what is hidden.</summary>
    internal IdTable Without(HiddenOrdinals hidden) => new(_records, _offsets, _slots, hidden);

    /// <summary>
    /// The ordinal of an id, or -1 when the table does not hold it, or it is hidden. No allocation up to 341
    /// characters.
    /// </summary>
    public int Find(ReadOnlySpan<char> id)
    {
        const int StackBytes = 1024;
        var length = Encoding.UTF8.GetMaxByteCount(id.Length);
        byte[]? rented = null;
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return Find(buffer[..Encoding.UTF8.GetBytes(id, buffer)]);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    /// <summary>The ordinal of a UTF-8 id, or -1 when the table does not hold it, or it is hidden.</summary>
    public int Find(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty || id.Length > ushort.MaxValue)
        {
            return -1;
        }

        var hash = IdHash.Compute(id);
        var mask = (ulong)_slots.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var entry = _slots[(long)slot];
            if (entry == 0)
            {
                return -1;
            }

            if ((ulong)entry >> OffsetBits == hash >> OffsetBits)
            {
                var start = (entry & OffsetMask) - 1;
                var header = _records.Slice(start, RecordHeader);
                if (BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) == id.Length &&
                    _records.Slice(start + RecordHeader, id.Length).SequenceEqual(id))
                {
                    var ordinal = BinaryPrimitives.ReadInt32LittleEndian(header);
                    return _hidden is not null && _hidden.Contains(ordinal) ? -1 : ordinal;
                }
            }
        }
    }

    internal static long Slot(ulong hash, long offset)
    {
        if (offset + 1 > OffsetMask)
        {
            throw new InputException($"the ids take more than {OffsetMask} bytes, expected fewer: shorten them");
        }

        return (long)(hash >> OffsetBits << OffsetBits) | (offset + 1);
    }

    /// <summary>
    /// Says what is wrong with the table, or null: every id is found, by one record, under its own ordinal.
    /// </summary>
    internal string? FindProblem()
    {
        if (_offsets[0] != 0 || _offsets[Count] != _records.Length || _slots.Length != IdTableBuilder.SlotCount(Count))
        {
            return "offsets and slots do not fit the records";
        }

        var used = 0;
        for (var i = 0L; i < _slots.Length; i++)
        {
            used += _slots[i] == 0 ? 0 : 1;
            if (_slots[i] != 0
                && ((_slots[i] & OffsetMask) == 0 || (_slots[i] & OffsetMask) > _records.Length - RecordHeader))
            {
                return InvariantText.Of($"slot {i} points outside the records");
            }
        }

        if (used != Count)
        {
            return InvariantText.Of($"found {used} used slots, expected {Count}");
        }

        for (var ordinal = 0; ordinal < Count; ordinal++)
        {
            if (_offsets[ordinal + 1] <= _offsets[ordinal] + RecordHeader || _offsets[ordinal + 1] > _records.Length)
            {
                return InvariantText.Of($"record {ordinal} has no id");
            }

            if (!System.Text.Unicode.Utf8.IsValid(Utf8(ordinal)) || Find(Utf8(ordinal)) != ordinal)
            {
                return InvariantText.Of($"the id of ordinal {ordinal} is not found under it");
            }
        }

        return null;
    }
}
