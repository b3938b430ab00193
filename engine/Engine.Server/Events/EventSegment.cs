using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Engine.Scoring.Events;
using Engine.Snapshots.Files;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;

namespace Engine.Server.Events;

/// <summary>
/// One file of the log: a header of 16 bytes ("EVENTLOG", u32 format 1, zeros), then records. A record is its length
/// (u32), the CRC-32C of its bytes (u32) and its bytes: version before it (i64), digest (u32), rows (u32), length of
/// the batch id (u8), batch id, <see cref="EventRows"/>.
/// </summary>
internal static class EventSegment
{
    /// <summary>Bytes before the first record.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Bytes before those of a record.</summary>
    public const int FrameBytes = 8;

    private const int IdAt = 17;

    // No crash leaves so much: a file is not continued from 64 MiB on, and what shares an fsync is shorter.
    private const int MaximumTail = 256 << 20;
    private const string Ending = ".events";

    /// <summary>Reads one record.</summary>
    /// <param name="first">The version before it.</param>
    /// <param name="digest">Of the call.</param>
    /// <param name="id">Of the call.</param>
    /// <param name="count">Rows.</param>
    /// <param name="rows">As <see cref="EventRows"/> has them.</param>
    public delegate void Visitor(long first, uint digest, string id, int count, Span<byte> rows);

    private static ReadOnlySpan<byte> Magic => "EVENTLOG\x01\0\0\0\0\0\0\0"u8;

    /// <summary>The name of the file whose first event has this version.</summary>
    public static string PathOf(string folder, long first) =>
        Path.Combine(folder, first.ToString("D19", CultureInfo.InvariantCulture) + Ending);

    /// <summary>The version before the first event of a file.</summary>
    public static long FirstOf(string path) =>
        long.TryParse(
            Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? first
            : throw new InputException($"{path} is no file of the engine. Remove it");

    /// <summary>The files of a log, oldest first.</summary>
    public static string[] Of(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*" + Ending).Order(StringComparer.Ordinal)] : [];

    /// <summary>Creates an empty file.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static void Create(string path) => AtomicFile.Write(path, stream => stream.Write(Magic));

    /// <summary>Writes the record of a batch.</summary>
    public static void Record(
        IBufferWriter<byte> target, long first, uint digest, string id, int count, ReadOnlySpan<byte> rows)
    {
        var length = Encoding.UTF8.GetByteCount(id);
        var bytes = FrameBytes + IdAt + length + rows.Length;
        var record = target.GetSpan(bytes)[..bytes];
        var body = record[FrameBytes..];
        BinaryPrimitives.WriteInt64LittleEndian(body, first);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], digest);
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], count);
        body[16] = (byte)length;
        Encoding.UTF8.GetBytes(id, body[IdAt..]);
        rows.CopyTo(body[(IdAt + length)..]);
        BinaryPrimitives.WriteInt32LittleEndian(record, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Compute(body));
        target.Advance(record.Length);
    }

    /// <summary>Reads all records of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="visit">Receives each.</param>
    /// <returns>
    /// The end of the last sound record, the length of the file, and the <see cref="Chain"/> of its records.
    /// </returns>
    /// <exception cref="InputException">It is no log, or a record before the last one is damaged.</exception>
    public static (long Sound, long Length, uint Chain) Read(string path, Visitor visit)
    {
        using var file = PlainFile.OpenStream(path);
        var header = new byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
            || !header.AsSpan().SequenceEqual(Magic))
        {
            throw new InputException($"{path} is no log of events of format 1. Restore it from a backup, or remove it");
        }

        var body = Array.Empty<byte>();
        var next = FirstOf(path);
        var chain = 0U;
        for (var sound = (long)HeaderBytes; ; sound = file.Position)
        {
            var length = LengthOf(file);
            if (length < 0 || !IsSound(file, ref body, length))
            {
                // A record that was being written when the process or the machine ended has nothing behind it.
                return HasRecordBehind(file, sound, next)
                    ? throw new InputException(
                        $"{path} is damaged: the record at byte {sound} does not match its checksum, and others "
                        + "follow it. Restore it from a backup, or remove it: its events are lost then")
                    : (sound, file.Length, chain);
            }

            chain = Crc32C.Append(chain, body.AsSpan(0, sizeof(uint)));
            var record = body.AsSpan(sizeof(uint), length);
            var (first, id) = (BinaryPrimitives.ReadInt64LittleEndian(record), record[16]);
            var count = BinaryPrimitives.ReadInt32LittleEndian(record[12..]);
            visit(
                first,
                BinaryPrimitives.ReadUInt32LittleEndian(record[8..]),
                Encoding.UTF8.GetString(record.Slice(IdAt, id)),
                count,
                record[(IdAt + id)..]);
            next = first + count;
        }
    }

    /// <summary>
    /// A checksum over the checksums of records, continued: two files with the same one have the same records.
    /// </summary>
    /// <param name="chain">Of the records before them; 0 where there are none.</param>
    /// <param name="records">As <see cref="Record"/> writes them.</param>
    public static uint Chain(uint chain, ReadOnlySpan<byte> records)
    {
        while (records.Length > 0)
        {
            chain = Crc32C.Append(chain, records.Slice(sizeof(uint), sizeof(uint)));
            records = records[(FrameBytes + BinaryPrimitives.ReadInt32LittleEndian(records))..];
        }

        return chain;
    }

    /// <summary>Erases the rows of some users, in a new file that takes the place of the old one.</summary>
    /// <returns>How many rows.</returns>
    public static int Erase(string path, UserTest isErased)
    {
        var erased = 0;
        Read(path, (_, _, _, _, rows) => erased += EventRows.Erase(rows, isErased));
        if (erased > 0)
        {
            AtomicFile.Write(path, stream =>
            {
                stream.Write(Magic);
                var record = new ArrayBufferWriter<byte>();
                Read(path, (first, digest, id, count, rows) =>
                {
                    EventRows.Erase(rows, isErased);
                    record.ResetWrittenCount();
                    Record(record, first, digest, id, count, rows);
                    stream.Write(record.WrittenSpan);
                });
            });
        }

        return erased;
    }

    // Whether a sound record starts anywhere behind a damaged one, whose length may be damaged, too. Its version is
    // that of the damaged one or a little later: few other bytes look like that, so few checksums are computed.
    private static bool HasRecordBehind(FileStream file, long damaged, long version)
    {
        if (file.Length - damaged > MaximumTail)
        {
            return true;
        }

        file.Position = damaged;
        var bytes = new byte[file.Length - damaged];
        file.ReadExactly(bytes);
        for (var at = 1; at <= bytes.Length - FrameBytes - IdAt; at++)
        {
            var frame = bytes.AsSpan(at);
            var length = BinaryPrimitives.ReadInt32LittleEndian(frame);
            var first = BinaryPrimitives.ReadInt64LittleEndian(frame[FrameBytes..]);
            if (length >= IdAt && length <= frame.Length - FrameBytes && first >= version
                && first <= version + bytes.Length
                && BinaryPrimitives.ReadUInt32LittleEndian(frame[sizeof(int)..])
                    == Crc32C.Compute(frame.Slice(FrameBytes, length)))
            {
                return true;
            }
        }

        return false;
    }

    // The length that the record at the position says, or -1 when there is not so much of it.
    private static int LengthOf(FileStream file)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        return file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length
            && BinaryPrimitives.ReadInt32LittleEndian(length) is >= IdAt and var found
            && found <= file.Length - file.Position - sizeof(uint)
            ? found
            : -1;
    }

    // Reads the checksum and the bytes of a record.
    private static bool IsSound(FileStream file, ref byte[] body, int length)
    {
        if (body.Length < sizeof(uint) + length)
        {
            body = new byte[Math.Max(sizeof(uint) + length, 2 * body.Length)];
        }

        file.ReadExactly(body, 0, sizeof(uint) + length);
        return BinaryPrimitives.ReadUInt32LittleEndian(body) == Crc32C.Compute(body.AsSpan(sizeof(uint), length));
    }
}
