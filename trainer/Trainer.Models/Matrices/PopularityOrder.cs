using Trainer.Data.Rows;
using Trainer.Data.Running;

namespace Trainer.Models.Matrices;

/// <summary>
/// Items renumbered by descending number of users, so that popular items are neighbors in memory: counters of popular
/// items share cache lines, and bounds over adjacent items are tight.
/// </summary>
/// <param name="ByUser">Users by rank of item.</param>
/// <param name="ByItem">Ranks by user.</param>
/// <param name="Items">For each rank the item.</param>
/// <param name="Ranks">For each item the rank.</param>
public sealed record PopularityOrder(Incidence ByUser, Incidence ByItem, int[] Items, int[] Ranks)
{
    /// <summary>Renumbers; items of equally many users keep their order.</summary>
    public static PopularityOrder Of(InteractionMatrix byUser, RunContext run)
    {
        var (items, ranks) = Rank(byUser.ColumnCounts());
        // Transposing twice sorts each row.
        var byItem = Incidence.Of(byUser).Transpose(ranks, run);
        return new PopularityOrder(byItem.Transpose(null, run), byItem, items, ranks);
    }

    /// <summary>The items by descending count, equal counts in their own order; and the rank of every item.</summary>
    public static (int[] Items, int[] Ranks) Rank(int[] counts)
    {
        var items = Enumerable.Range(0, counts.Length).ToArray();
        Array.Sort(Array.ConvertAll(items, item => ((long)-counts[item] << 32) | (uint)item), items);
        return (items, Numbering.Invert(items, items.Length));
    }

    /// <summary>Users of every item.</summary>
    public int[] ItemUsers => Array.ConvertAll(Ranks, ByItem.RowLength);
}
