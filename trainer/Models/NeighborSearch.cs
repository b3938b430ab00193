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
        SimilarityScales scales,
        SimilarityOptions options,
        Action<int>? progress,
        CancellationToken cancellation)
    {
        var order = PopularityOrder.Of(byUser);
        var target = order.ByRank(scales.Target);
        var rows = new (int[] Columns, float[] Strengths, int[] Supports)[order.Items.Length];
        var done = 0;
        Workers.Run(
            (rows.Length + ItemsPerPiece - 1) / ItemsPerPiece,
            options.Threads,
            () => (Gram: new CoOccurrence(order, scales.Users, target, options.Shrinkage), List: new NeighborList(options.Neighbors)),
            (scratch, piece) =>
            {
                var end = Math.Min(rows.Length, (piece + 1) * ItemsPerPiece);
                for (var rank = piece * ItemsPerPiece; rank < end; rank++)
                {
                    var item = order.Items[rank];
                    scratch.Gram.Collect(rank);
                    Select(scratch.Gram, scratch.List, rank, order.Items, options, scales.Source[item], target);
                    rows[item] = Take(scratch.Gram, scratch.List, order.Ranks);
                }

                progress?.Invoke(Interlocked.Add(ref done, end - (piece * ItemsPerPiece)));
            },
            cancellation);
        return Assemble(rows, order);
    }

    private static void Select(
        CoOccurrence gram, NeighborList list, int rank, int[] items, SimilarityOptions options, double source, double[] target)
    {
        list.Clear();
        while (gram.Next(list.Threshold / Math.Max(source, 1e-30)) is { IsEmpty: false } found)
        {
            foreach (var other in found)
            {
                var support = gram.Support(other);
                if (other != rank && support >= options.MinimumSupport)
                {
                    list.Add(items[other], (float)(gram.Sum(other) * source * target[other] * (support / (support + options.Shrinkage))));
                }
            }
        }
    }

    private static (int[], float[], int[]) Take(CoOccurrence gram, NeighborList list, int[] ranks)
    {
        var kept = list.SortByItem();
        var row = (Columns: new int[kept.Length], Strengths: new float[kept.Length], Supports: new int[kept.Length]);
        for (var n = 0; n < kept.Length; n++)
        {
            (row.Strengths[n], row.Columns[n]) = kept[n];
            row.Supports[n] = gram.Support(ranks[kept[n].Item]);
        }

        return row;
    }

    private static SimilarityMatrix Assemble((int[] Columns, float[] Strengths, int[] Supports)[] rows, PopularityOrder order)
    {
        var offsets = new long[rows.Length + 1];
        for (var item = 0; item < rows.Length; item++)
        {
            offsets[item + 1] = offsets[item] + rows[item].Columns.Length;
        }

        var (columns, strengths, supports) = (new int[offsets[^1]], new float[offsets[^1]], new int[offsets[^1]]);
        for (var item = 0; item < rows.Length; item++)
        {
            rows[item].Columns.CopyTo(columns, offsets[item]);
            rows[item].Strengths.CopyTo(strengths, offsets[item]);
            rows[item].Supports.CopyTo(supports, offsets[item]);
        }

        var users = Array.ConvertAll(order.Ranks, order.ByItem.RowLength);
        var active = Enumerable.Range(0, order.ByUser.RowCount).Count(user => order.ByUser.RowLength(user) > 0);
        return new SimilarityMatrix(offsets, columns, strengths, supports, users, active);
    }
}
