using Trainer.Data.Rows;

namespace Trainer.Data.Scoping;

/// <summary>
/// Adds up the counts of equal events: one row that counts three and three rows that count one are the same behavior,
/// in files as in the sums of a database.
/// </summary>
public static class DailyTotals
{
    /// <summary>
    /// Merges neighbors that differ in their count alone; a total is cut to <see cref="BehaviorLog.MaxCount"/>.
    /// </summary>
    /// <param name="merged">Packed and sorted in each row; the count has the lowest bits.</param>
    /// <param name="offsets">Where each row starts, one longer than the rows; changed to the result's.</param>
    /// <param name="countBits">How many bits the count has.</param>
    public static ulong[] Merge(ulong[] merged, long[] offsets, int countBits)
    {
        var to = 0;
        for (var row = 0; row < offsets.Length - 1; row++)
        {
            var events = merged.AsSpan((int)offsets[row], (int)(offsets[row + 1] - offsets[row]));
            var length = MergeRow(events, countBits);
            events[..length].CopyTo(merged.AsSpan(to));
            offsets[row] = to;
            to += length;
        }

        offsets[^1] = to;
        Array.Resize(ref merged, to);
        return merged;
    }

    /// <summary>The same for the events of one row, which move to its front. Returns how many are left.</summary>
    public static int MergeRow(Span<ulong> events, int countBits)
    {
        var count = (1ul << countBits) - 1;
        var to = 0;
        foreach (var one in events)
        {
            if (to > 0 && events[to - 1] >> countBits == one >> countBits)
            {
                var total = (events[to - 1] & count) + (one & count);
                events[to - 1] = (events[to - 1] & ~count) | Math.Min(total, BehaviorLog.MaxCount);
            }
            else
            {
                events[to++] = one;
            }
        }

        return to;
    }
}
