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
    /// <param name="events">Packed and sorted in each row; the count has the lowest bits.</param>
    /// <param name="offsets">Where each row starts, one longer than the rows; changed to the result's.</param>
    /// <param name="countBits">How many bits the count has.</param>
    public static ulong[] Merge(ulong[] events, long[] offsets, int countBits)
    {
        var count = (1ul << countBits) - 1;
        var to = 0L;
        for (var row = 0; row < offsets.Length - 1; row++)
        {
            var first = to;
            for (var e = offsets[row]; e < offsets[row + 1]; e++)
            {
                if (to > first && events[to - 1] >> countBits == events[e] >> countBits)
                {
                    var total = (events[to - 1] & count) + (events[e] & count);
                    events[to - 1] = (events[to - 1] & ~count) | Math.Min(total, BehaviorLog.MaxCount);
                }
                else
                {
                    events[to++] = events[e];
                }
            }

            offsets[row] = first;
        }

        offsets[^1] = to;
        Array.Resize(ref events, checked((int)to));
        return events;
    }
}
