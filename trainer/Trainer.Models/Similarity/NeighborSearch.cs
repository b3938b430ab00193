using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Similarity;

/// <summary>
/// Keeps the k strongest neighbors of every item by sum * source[j] * target[i] * n_ij / (n_ij + shrinkage), the sums
/// coming from <see cref="CoOccurrence"/>.
/// </summary>
public static class NeighborSearch
{
    private const int ItemsPerPiece = 32;

    /// <summary>Runs over all items.</summary>
    public static SimilarityMatrix Run(
        PopularityOrder order, SimilarityScales scales, SimilarityOptions options, RunContext run)
    {
        var rows = new Rows(order.Items.Length, Math.Min(options.Neighbors, order.Items.Length));
        Workers.Run(
            (order.Items.Length + ItemsPerPiece - 1) / ItemsPerPiece,
            run,
            () => (
                Gram: new CoOccurrence(order, scales.Users, scales.Target, options.Shrinkage, counted: true),
                List: new NeighborList(options.Neighbors)),
            (scratch, piece) =>
            {
                var end = Math.Min(order.Items.Length, (piece + 1) * ItemsPerPiece);
                for (var rank = piece * ItemsPerPiece; rank < end; rank++)
                {
                    scratch.Gram.Collect(rank);
                    Select(scratch.Gram, scratch.List, rank, order.Items, options, scales);
                    rows.Take(order.Items[rank], scratch.List, scratch.Gram, order.Ranks);
                }
            });
        return rows.Assemble(order);
    }

    private static void Select(
        CoOccurrence gram, NeighborList list, int rank, int[] items, SimilarityOptions options, SimilarityScales scales)
    {
        var (source, target) = (scales.Source[rank], scales.Target);
        list.Clear();
        while (gram.Next(list.Threshold / Math.Max(source, 1e-30)) is { IsEmpty: false } found)
        {
            foreach (var other in found)
            {
                var support = gram.Support(other);
                if (other != rank && support >= options.MinimumSupport)
                {
                    list.Add(
                        items[other],
                        (float)(gram.Sum(other) * source * target[other] * (support / (support + options.Shrinkage))));
                }
            }
        }
    }

    // The rows of the result, each at item * room, to be moved together at the end.
    private sealed class Rows(int items, int room)
    {
        private readonly int[] _lengths = new int[items];
        private readonly int[] _columns = new int[(long)items * room];
        private readonly float[] _strengths = new float[(long)items * room];
        private readonly int[] _supports = new int[(long)items * room];

        public void Take(int item, NeighborList list, CoOccurrence gram, int[] ranks)
        {
            var kept = list.SortByItem();
            _lengths[item] = kept.Length;
            for (var n = 0; n < kept.Length; n++)
            {
                var place = (item * room) + n;
                (_strengths[place], _columns[place]) = kept[n];
                _supports[place] = gram.Support(ranks[kept[n].Item]);
            }
        }

        public SimilarityMatrix Assemble(PopularityOrder order)
        {
            var offsets = new long[items + 1];
            for (var item = 0; item < items; item++)
            {
                offsets[item + 1] = offsets[item] + _lengths[item];
            }

            return new SimilarityMatrix(
                offsets, Join(_columns, offsets), Join(_strengths, offsets), Join(_supports, offsets), order.ItemUsers);
        }

        private T[] Join<T>(T[] values, long[] offsets)
        {
            if (offsets[^1] == values.Length)
            {
                return values;
            }

            var joined = new T[offsets[^1]];
            for (var item = 0; item < items; item++)
            {
                values.AsSpan(item * room, _lengths[item]).CopyTo(joined.AsSpan((int)offsets[item]));
            }

            return joined;
        }
    }
}
