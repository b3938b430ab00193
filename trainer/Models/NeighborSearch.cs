namespace Trainer.Models;

/// <summary>
/// Keeps the k strongest neighbours of every item by sum * source[j] * target[i] * n_ij / (n_ij + shrinkage), the sums
/// coming from <see cref="CoOccurrence"/>.
/// </summary>
public static class NeighborSearch
{
    private const int ItemsPerPiece = 32;

    /// <summary>Runs over all items.</summary>
    public static SimilarityMatrix Run(
        InteractionMatrix byUser,
        InteractionMatrix byItem,
        SimilarityScales scales,
        SimilarityOptions options,
        Action<int>? progress,
        CancellationToken cancellation)
    {
        var items = byItem.RowCount;
        var rows = new (int[] Columns, float[] Strengths, int[] Supports)[items];
        var done = 0;
        Workers.Run(
            (items + ItemsPerPiece - 1) / ItemsPerPiece,
            options.Threads,
            () => (Gram: new CoOccurrence(byUser, byItem, scales.Users, scales.Target, options.Shrinkage), List: new NeighborList(options.Neighbors)),
            (scratch, piece) =>
            {
                var end = Math.Min(items, (piece + 1) * ItemsPerPiece);
                for (var item = piece * ItemsPerPiece; item < end; item++)
                {
                    rows[item] = Neighbors(scratch.Gram, scratch.List, item, options, scales.Source[item], scales.Target);
                }

                progress?.Invoke(Interlocked.Add(ref done, end - (piece * ItemsPerPiece)));
            },
            cancellation);
        return Assemble(rows, byUser, byItem);
    }

    private static (int[], float[], int[]) Neighbors(
        CoOccurrence gram, NeighborList list, int item, SimilarityOptions options, double source, double[] target)
    {
        gram.Collect(item);
        list.Clear();
        while (gram.Next(list.Threshold / Math.Max(source, 1e-30)) is { IsEmpty: false } found)
        {
            foreach (var other in found)
            {
                var support = gram.Support(other);
                if (other != item && support >= options.MinimumSupport)
                {
                    list.Add(other, (float)(gram.Sum(other) * source * target[other] * (support / (support + options.Shrinkage))));
                }
            }
        }

        var kept = list.SortByItem();
        var row = (Columns: new int[kept.Length], Strengths: new float[kept.Length], Supports: new int[kept.Length]);
        for (var n = 0; n < kept.Length; n++)
        {
            (row.Strengths[n], row.Columns[n]) = kept[n];
            row.Supports[n] = gram.Support(kept[n].Item);
        }

        return row;
    }

    private static SimilarityMatrix Assemble(
        (int[] Columns, float[] Strengths, int[] Supports)[] rows, InteractionMatrix byUser, InteractionMatrix byItem)
    {
        var offsets = new long[rows.Length + 1];
        for (var item = 0; item < rows.Length; item++)
        {
            offsets[item + 1] = offsets[item] + rows[item].Columns.Length;
        }

        var (columns, strengths, supports) = (new int[offsets[^1]], new float[offsets[^1]], new int[offsets[^1]]);
        var users = new int[rows.Length];
        for (var item = 0; item < rows.Length; item++)
        {
            rows[item].Columns.CopyTo(columns, offsets[item]);
            rows[item].Strengths.CopyTo(strengths, offsets[item]);
            rows[item].Supports.CopyTo(supports, offsets[item]);
            users[item] = byItem.RowLength(item);
        }

        var active = Enumerable.Range(0, byUser.RowCount).Count(user => byUser.RowLength(user) > 0);
        return new SimilarityMatrix(offsets, columns, strengths, supports, users, active);
    }
}
