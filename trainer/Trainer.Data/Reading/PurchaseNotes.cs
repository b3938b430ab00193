using Trainer.Data.Rows;

namespace Trainer.Data.Reading;

/// <summary>
/// What the log has no room for, of every purchase in its order: the exact time, the order id and a count beyond the
/// log's. It is written to a temporary file while the table is read, three bytes a purchase and the order ids, and read
/// once at the end if there were refunds. Memory stays constant.
/// </summary>
internal sealed class PurchaseNotes : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const int FlagBits = 3;
    private const long IsExact = 1;
    private const long IsLarge = 2;
    private const long IsOtherOrder = 4;

    private readonly FileStream _file = new(
        Path.Combine(Path.GetTempPath(), $"trainer-{Guid.NewGuid():N}.purchases"),
        FileMode.CreateNew,
        FileAccess.ReadWrite,
        FileShare.None,
        BufferSize);

    private readonly BinaryWriter _writer;
    private string _order = "";
    private long _count;

    public PurchaseNotes()
    {
        _writer = new BinaryWriter(_file);
        // A file without a name is gone however the program ends.
        File.Delete(_file.Name);
    }

    /// <summary>The path that the file had for a moment.</summary>
    public string Name => _file.Name;

    /// <summary>Notes the next purchase.</summary>
    /// <param name="time">The time of day.</param>
    /// <param name="count">How many.</param>
    /// <param name="order">The order id; empty for none.</param>
    public void Add(TimeSpan time, long count, ReadOnlySpan<char> order)
    {
        _count++;
        var whole = time.Ticks % TimeSpan.TicksPerSecond == 0;
        var (large, other) = (count > BehaviorLog.MaxCount, !order.SequenceEqual(_order));
        _writer.Write7BitEncodedInt64(
            ((whole ? time.Ticks / TimeSpan.TicksPerSecond : time.Ticks) << FlagBits)
            | (whole ? 0 : IsExact) | (large ? IsLarge : 0) | (other ? IsOtherOrder : 0));
        if (large)
        {
            _writer.Write7BitEncodedInt64(count);
        }

        if (other)
        {
            _writer.Write(_order = order.ToString());
        }
    }

    /// <summary>All notes, in the order in which they were added; nothing can be added any more.</summary>
    /// <returns>The time of day, the count if it is larger than the log's, and the order id or null.</returns>
    public IEnumerable<(TimeSpan Time, long? Count, string? Order)> Read()
    {
        _writer.Flush();
        _file.Position = 0;
        using var reader = new BinaryReader(_file, System.Text.Encoding.UTF8, leaveOpen: true);
        var order = "";
        for (var n = 0L; n < _count; n++)
        {
            var packed = reader.Read7BitEncodedInt64();
            var time = packed >> FlagBits;
            long? count = (packed & IsLarge) != 0 ? reader.Read7BitEncodedInt64() : null;
            order = (packed & IsOtherOrder) != 0 ? reader.ReadString() : order;
            yield return (
                new TimeSpan((packed & IsExact) != 0 ? time : time * TimeSpan.TicksPerSecond),
                count,
                order.Length == 0 ? null : order);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }
}
