namespace Trainer.Data.Reading;

/// <summary>
/// Counts rows that repeat an earlier one exactly, in constant memory (4 MB) that fits into a cache: all rows are
/// compared while they are few, then those whose hash falls into a half, a quarter, ... of all values, and the count is
/// scaled up.
/// </summary>
/// <param name="mostBits">The logarithm of how many different rows are kept, 1..30.</param>
internal sealed class RepeatedRows(int mostBits = RepeatedRows.DefaultMostBits)
{
    private const int DefaultMostBits = 18;

    // Open addressing at a load of at most a half; 0 is an empty place.
    private ulong[] _places = new ulong[2 << mostBits];
    private int _kept;
    private int _shift;
    private long _repeated;

    /// <summary>Whether <see cref="Count"/> is an estimate.</summary>
    public bool IsEstimate => _shift > 0;

    /// <summary>How many rows repeat an earlier one.</summary>
    public long Count => _repeated << _shift;

    /// <summary>Takes up a row's hash. Returns whether the row is known to repeat an earlier one.</summary>
    public bool Add(ulong hash)
    {
        // The low bits choose the place, the high ones whether the row is compared at all.
        if (_shift > 0 && hash >> (64 - _shift) != 0)
        {
            return false;
        }

        if (!TryKeep(_places, hash | 1))
        {
            _repeated++;
            return true;
        }

        if (++_kept > 1 << mostBits)
        {
            Halve();
        }

        return false;
    }

    private void Halve()
    {
        _shift++;
        _kept = 0;
        _repeated = (_repeated + 1) / 2;
        var before = _places;
        _places = new ulong[before.Length];
        foreach (var hash in before)
        {
            if (hash != 0 && hash >> (64 - _shift) == 0)
            {
                TryKeep(_places, hash);
                _kept++;
            }
        }
    }

    private static bool TryKeep(ulong[] places, ulong hash)
    {
        var mask = (ulong)places.Length - 1;
        for (var at = (hash >> 1) & mask; ; at = (at + 1) & mask)
        {
            if (places[at] == hash)
            {
                return false;
            }

            if (places[at] == 0)
            {
                places[at] = hash;
                return true;
            }
        }
    }
}
