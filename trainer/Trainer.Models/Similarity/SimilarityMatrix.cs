namespace Trainer.Models.Similarity;

/// <summary>
/// The kept neighbors of every item as compressed sparse rows: row j holds the items i that a history with j predicts,
/// ascending, with strength B[j,i] and, where it is counted, support (users who have both).
/// </summary>
/// <param name="Offsets">Items + 1 offsets into the other arrays.</param>
/// <param name="Columns">Neighbor items, ascending within a row; never the row's own item.</param>
/// <param name="Strengths">B[j,i], finite.</param>
/// <param name="Supports">Users who have both items, at least 1; empty for a ridge, which does not count them.</param>
/// <param name="ItemUsers">Users of each item, within the capped histories.</param>
public sealed record SimilarityMatrix(
    long[] Offsets, int[] Columns, float[] Strengths, int[] Supports, int[] ItemUsers)
{
    /// <summary>Items without neighbors.</summary>
    public static SimilarityMatrix Empty(int items) => new(new long[items + 1], [], [], [], new int[items]);

    /// <summary>Items.</summary>
    public int ItemCount => ItemUsers.Length;

    /// <summary>The places of row <paramref name="item"/> in the entry arrays.</summary>
    public Range Row(int item) => (int)Offsets[item]..(int)Offsets[item + 1];
}
