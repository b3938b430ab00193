namespace Trainer.Data;

/// <summary>
/// Counts rows that repeat an earlier one exactly, in constant memory: all rows are compared while they are few, then those
/// whose hash falls into a half, a quarter, ... of all values, and the count is scaled up.
/// </summary>
internal sealed class RepeatedRows(int most = RepeatedRows.DefaultMost)
{
    private const int DefaultMost = 1 << 20;

    private readonly HashSet<ulong> _seen = [];
    private int _shift;
    private long _repeated;

    /// <summary>Whether <see cref="Count"/> is an estimate.</summary>
    public bool IsEstimate => _shift > 0;

    /// <summary>How many rows repeat an earlier one.</summary>
    public long Count => _repeated << _shift;

    /// <summary>Takes up a row's hash.</summary>
    public void Add(ulong hash)
    {
        if (hash >> (64 - _shift) != 0 && _shift > 0)
        {
            return;
        }

        if (!_seen.Add(hash))
        {
            _repeated++;
        }
        else if (_seen.Count > most)
        {
            _shift++;
            _seen.RemoveWhere(seen => seen >> (64 - _shift) != 0);
            _repeated = (_repeated + 1) / 2;
        }
    }
}
