using System.Buffers.Binary;

namespace Engine.Snapshots.Ids;

/// <summary>
/// The 64-bit hash of an id's UTF-8 bytes that snapshot files are built on: eight bytes at a time, folded by a
/// 64 x 64 -> 128 bit multiplication (the mixing step of wyhash, Wang Yi). Part of the file format: never change it.
/// </summary>
internal static class IdHash
{
    private const ulong Key1 = 0xa0761d6478bd642f;
    private const ulong Key2 = 0xe7037ed1a0b428db;
    private const ulong Key3 = 0x8ebc6af09c88c6e3;

    /// <summary>The hash; every bit depends on every byte and on the length.</summary>
    public static ulong Compute(ReadOnlySpan<byte> id)
    {
        var hash = Key1 ^ (ulong)id.Length;
        while (id.Length >= sizeof(ulong))
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(id), Key2);
            id = id[sizeof(ulong)..];
        }

        var tail = 0UL;
        for (var i = 0; i < id.Length; i++)
        {
            tail |= (ulong)id[i] << (8 * i);
        }

        return Fold(Fold(hash ^ tail, Key3), Key1);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
