namespace Engine.Server.Events;

/// <summary>Checked rows of one call, as the log takes them.</summary>
/// <param name="id">Of the call; empty for none.</param>
/// <param name="digest">Of all rows of the call, refused ones included: the same id must bring the same rows.</param>
internal sealed class EventBatch(string id, uint digest)
{
    /// <summary>The longest id, in bytes of UTF-8.</summary>
    public const int MaximumId = 200;

    private byte[] _rows = new byte[256];
    private int _length;

    /// <summary>Of the call; empty for none.</summary>
    public string Id => id;

    /// <summary>Of all rows of the call.</summary>
    public uint Digest => digest;

    /// <summary>Rows.</summary>
    public int Count { get; private set; }

    /// <summary>The rows, as <see cref="EventRows"/> has them.</summary>
    public ReadOnlySpan<byte> Rows => _rows.AsSpan(0, _length);

    /// <summary>Adds a row.</summary>
    public void Add(string user, string product, Scoring.Events.EventType type, int count, long time)
    {
        var most = _length + EventRows.MaximumBytes(user, product);
        if (most > _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(most, 2 * _rows.Length));
        }

        _length += EventRows.Write(_rows.AsSpan(_length), user, product, type, count, time);
        Count++;
    }
}

/// <summary>What became of a batch.</summary>
/// <param name="Accepted">Its rows.</param>
/// <param name="Version">Answers of this version or a later one know them.</param>
/// <param name="IsRepeated">Whether an earlier call had brought them.</param>
internal readonly record struct AcceptedBatch(int Accepted, long Version, bool IsRepeated);
