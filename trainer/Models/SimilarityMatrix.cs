namespace Trainer.Models;

/// <summary>
/// The kept neighbours of every item as compressed sparse rows: row j holds the items i that a history with j speaks for,
/// ascending, with strength B[j,i] and, where it is counted, support (users who have both).
/// </summary>
/// <param name="Offsets">Items + 1 offsets into the other arrays.</param>
/// <param name="Columns">Neighbour items, ascending within a row; never the row's own item.</param>
/// <param name="Strengths">B[j,i], finite.</param>
/// <param name="Supports">Users who have both items, at least 1; empty for a ridge, which does not count them.</param>
/// <param name="ItemUsers">Users of each item, within the capped histories.</param>
/// <param name="UserCount">Users with at least one item.</param>
public sealed record SimilarityMatrix(
    long[] Offsets, int[] Columns, float[] Strengths, int[] Supports, int[] ItemUsers, int UserCount)
{
    /// <summary>Items without neighbours.</summary>
    public static SimilarityMatrix Empty(int items) => new(new long[items + 1], [], [], [], new int[items], 0);

    /// <summary>Items.</summary>
    public int ItemCount => ItemUsers.Length;

    /// <summary>The places of row <paramref name="item"/> in the entry arrays.</summary>
    public Range Row(int item) => (int)Offsets[item]..(int)Offsets[item + 1];

    /// <summary>Share of the users of <paramref name="item"/> who also have the neighbour at <paramref name="entry"/>, 0..1.</summary>
    public double Confidence(int item, int entry) => (double)Supports[entry] / ItemUsers[item];

    /// <summary>How many times more often both occur together than if they were independent; 1 is chance.</summary>
    public double Lift(int item, int entry) =>
        (double)Supports[entry] * UserCount / ((double)ItemUsers[item] * ItemUsers[Columns[entry]]);
}
