using System.Buffers.Binary;
using System.Text;
using Engine.Scoring.Events;

namespace Engine.Server.Events;

/// <summary>
/// Rows of events as the log holds them, one after the other: user and product (u16 lengths), type (u8), count (u16),
/// time (i64 milliseconds since 1970-01-01), then both ids in UTF-8. An erased row has type 0 and zeros for ids.
/// </summary>
internal static class EventRows
{
    private const int ProductAt = 2;
    private const int TypeAt = 4;
    private const int CountAt = 5;
    private const int TimeAt = 7;
    private const int IdsAt = 15;

    /// <summary>Bytes of a row at most.</summary>
    public static int MaximumBytes(string user, string product) =>
        IdsAt + Encoding.UTF8.GetMaxByteCount(user.Length) + Encoding.UTF8.GetMaxByteCount(product.Length);

    /// <summary>Writes a row; returns its length.</summary>
    public static int Write(
        Span<byte> target, string user, string product, EventType type, int count, long time)
    {
        var users = Encoding.UTF8.GetBytes(user, target[IdsAt..]);
        var products = Encoding.UTF8.GetBytes(product, target[(IdsAt + users)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)users);
        BinaryPrimitives.WriteUInt16LittleEndian(target[ProductAt..], (ushort)products);
        target[TypeAt] = (byte)type;
        BinaryPrimitives.WriteUInt16LittleEndian(target[CountAt..], (ushort)count);
        BinaryPrimitives.WriteInt64LittleEndian(target[TimeAt..], time);
        return IdsAt + users + products;
    }

    /// <summary>Adds rows to the events in memory.</summary>
    /// <param name="rows">Whole rows.</param>
    /// <param name="target">Receives them.</param>
    /// <param name="after">Rows up to this time are counted and not kept.</param>
    /// <returns>The latest time of a row.</returns>
    public static long AddTo(ReadOnlySpan<byte> rows, UserEvents target, long after = -1)
    {
        var latest = -1L;
        for (; !rows.IsEmpty; rows = rows[Length(rows)..])
        {
            var time = BinaryPrimitives.ReadInt64LittleEndian(rows[TimeAt..]);
            latest = Math.Max(latest, time);
            if (rows[TypeAt] == 0 || time <= after)
            {
                target.Pass();
                continue;
            }

            target.Add(
                User(rows),
                rows[..Length(rows)][(IdsAt + User(rows).Length)..],
                (EventType)rows[TypeAt],
                time,
                BinaryPrimitives.ReadUInt16LittleEndian(rows[CountAt..]));
        }

        return latest;
    }

    /// <summary>Erases the rows of some users in place; returns how many.</summary>
    public static int Erase(Span<byte> rows, UserTest isErased)
    {
        var erased = 0;
        for (; !rows.IsEmpty; rows = rows[Length(rows)..])
        {
            if (rows[TypeAt] != 0 && isErased(User(rows)))
            {
                rows[TypeAt] = 0;
                rows[IdsAt..Length(rows)].Clear();
                erased++;
            }
        }

        return erased;
    }

    private static ReadOnlySpan<byte> User(ReadOnlySpan<byte> row) =>
        row.Slice(IdsAt, BinaryPrimitives.ReadUInt16LittleEndian(row));

    private static int Length(ReadOnlySpan<byte> row) =>
        IdsAt + BinaryPrimitives.ReadUInt16LittleEndian(row)
            + BinaryPrimitives.ReadUInt16LittleEndian(row[ProductAt..]);
}
