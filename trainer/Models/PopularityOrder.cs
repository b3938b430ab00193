namespace Trainer.Models;

/// <summary>
/// Items renumbered by descending number of users, so that what is touched most often lies together: counters of popular items
/// share cache lines, and bounds over neighbouring items are tight.
/// </summary>
/// <param name="ByUser">Users by rank of item, ranks ascending within a user.</param>
/// <param name="ByItem">The same by rank.</param>
/// <param name="Items">For each rank the item.</param>
/// <param name="Ranks">For each item the rank.</param>
public sealed record PopularityOrder(InteractionMatrix ByUser, InteractionMatrix ByItem, int[] Items, int[] Ranks)
{
    /// <summary>Renumbers; items of equally many users keep their order.</summary>
    public static PopularityOrder Of(InteractionMatrix byUser)
    {
        var counts = new int[byUser.ColumnCount];
        foreach (var item in byUser.Columns)
        {
            counts[item]++;
        }

        var items = Enumerable.Range(0, counts.Length).ToArray();
        Array.Sort(Array.ConvertAll(items, item => ((long)-counts[item] << 32) | (uint)item), items);
        var ranks = new int[items.Length];
        for (var rank = 0; rank < items.Length; rank++)
        {
            ranks[items[rank]] = rank;
        }

        // Twice transposed, rows come out ascending: no sort of each row.
        var byItem = byUser.Transpose(ranks);
        return new PopularityOrder(byItem.Transpose(), byItem, items, ranks);
    }

    /// <summary>Values by item as values by rank.</summary>
    public double[] ByRank(double[] values) => Array.ConvertAll(Items, item => values[item]);
}
