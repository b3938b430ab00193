using System.Buffers;
using Engine.Server.Errors;

namespace Engine.Server.Events;

/// <summary>
/// Checked rows of one call, as the log takes them. Its memory is pooled: many large arrays a second would make the
/// garbage collector look at everything.
/// </summary>
/// <param name="id">Of the call; empty for none.</param>
/// <param name="digest">Of all rows of the call, refused ones included: the same id must bring the same rows.</param>
/// <param name="rows">About how many there will be.</param>
internal sealed class EventBatch(string id, uint digest, int rows = 0)
{
    /// <summary>The longest id, in bytes of UTF-8.</summary>
    public const int MaximumId = 200;

    private const int UsualBytes = 48;

    private byte[] _rows = ArrayPool<byte>.Shared.Rent(256 + (UsualBytes * rows));
    private int _length;

    /// <summary>Of the call; empty for none.</summary>
    public string Id => id;

    /// <summary>Of all rows of the call.</summary>
    public uint Digest => digest;

    /// <summary>
    /// <see cref="EventStore.Erasures"/> before its rows were checked: who was forgotten since then is erased from
    /// them.
    /// </summary>
    public int Erasures { get; init; }

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>The rows, as <see cref="EventRows"/> has them.</summary>
    public ReadOnlySpan<byte> Rows => _rows.AsSpan(0, _length);

    /// <summary>An earlier batch of this id had other rows.</summary>
    public static FieldException OfOtherRows(string id) => new(
        "batch_id",
        $"found batch_id '{id}' with other rows than before. "
        + "Give each batch an id of its own, and repeat one only with the same rows");

    /// <summary>Adds a row.</summary>
    public void Add(string user, string product, Scoring.Events.EventType type, int count, long time)
    {
        var most = _length + EventRows.MaximumBytes(user, product);
        if (most > _rows.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(most, 2 * _rows.Length));
            Rows.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_rows);
            _rows = larger;
        }

        _length += EventRows.Write(_rows.AsSpan(_length), user, product, type, count, time);
        Count++;
    }

    /// <summary>Erases the rows of some users in place: they count, and say nothing.</summary>
    public void Erase(Scoring.Events.UserTest isErased) => EventRows.Erase(_rows.AsSpan(0, _length), isErased);

    /// <summary>Gives the memory of the rows back. Nobody may look at them any more.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_rows);
        (_rows, _length) = ([], 0);
    }
}

/// <summary>What became of a batch.</summary>
/// <param name="Accepted">Its rows.</param>
/// <param name="Version">Answers of this version or a later one know them.</param>
/// <param name="IsRepeated">Whether an earlier call had brought them.</param>
internal readonly record struct AcceptedBatch(int Accepted, long Version, bool IsRepeated);
