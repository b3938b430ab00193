using Engine.Kernels.Arithmetic;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Trainer.Pipeline.Publishing;

/// <summary>Renumbers products from their index in the scope to their ordinal in the snapshot.</summary>
internal sealed class Permutation
{
    private const int RowsPerPiece = 1024;

    private readonly int[] _order;
    private readonly int[] _ordinals;

    /// <param name="order">For each ordinal the index.</param>
    public Permutation(int[] order)
    {
        _order = order;
        _ordinals = Numbering.Invert(order, order.Length);
    }

    /// <summary>The behaviors of a scope, sorted by product, type, day, count.</summary>
    /// <param name="scoped">The scope.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="users">The users, a row each; null for all.</param>
    public HistoryContent History(ScopedDataset scoped, RunContext run, int[]? users = null)
    {
        var offsets = new long[(users?.Length ?? scoped.UserCount) + 1];
        for (var row = 1; row < offsets.Length; row++)
        {
            var user = users?[row - 1] ?? row - 1;
            offsets[row] = offsets[row - 1] + scoped.Offsets[user + 1] - scoped.Offsets[user];
        }

        var rows = offsets.Length - 1;
        var (products, days) = (new int[offsets[^1]], new ushort[offsets[^1]]);
        var (types, counts) = (new byte[offsets[^1]], new ushort[offsets[^1]]);
        Workers.Run((rows + RowsPerPiece - 1) / RowsPerPiece, run, () => new List<ulong>(), (keys, piece) =>
        {
            for (var row = piece * RowsPerPiece; row < Math.Min(rows, (piece + 1) * RowsPerPiece); row++)
            {
                Sort(scoped, users?[row] ?? row, keys);
                for (var (n, at) = (0, offsets[row]); n < keys.Count; n++, at++)
                {
                    products[at] = (int)(keys[n] >> 32);
                    types[at] = (byte)((keys[n] >> 28) & 0xF);
                    days[at] = (ushort)((keys[n] >> 16) & 0xFFF);
                    counts[at] = (ushort)keys[n];
                }
            }
        });
        return new HistoryContent(offsets, products, days, types, counts);
    }

    // product (32 bits), type (4), day (12), count (16)
    private void Sort(ScopedDataset scoped, int user, List<ulong> keys)
    {
        keys.Clear();
        for (var e = scoped.Offsets[user]; e < scoped.Offsets[user + 1]; e++)
        {
            keys.Add(((ulong)_ordinals[scoped.Products[e]] << 32) | ((ulong)scoped.Types[e] << 28) |
                ((ulong)scoped.Days[e] << 16) | scoped.Counts[e]);
        }

        keys.Sort();
    }

    /// <summary>
    /// What one unit of history with a product adds to the score of each of its neighbors; empty when the weight is 0.
    /// </summary>
    public SparseContent Similarity(SimilarityMatrix similarity, float weight)
    {
        var offsets = new long[_order.Length + 1];
        var indices = new List<int>();
        var values = new List<float>();
        var row = new List<(int Ordinal, float Value)>();
        for (var ordinal = 0; ordinal < _order.Length; ordinal++)
        {
            row.Clear();
            var range = similarity.Row(_order[ordinal]);
            for (var e = range.Start.Value; e < range.End.Value; e++)
            {
                row.Add((_ordinals[similarity.Columns[e]], weight * similarity.Strengths[e]));
            }

            foreach (var (neighbor, value) in row.Where(entry => entry.Value != 0).OrderBy(entry => entry.Ordinal))
            {
                indices.Add(neighbor);
                values.Add(value);
            }

            offsets[ordinal + 1] = indices.Count;
        }

        return new SparseContent(offsets, [.. indices], [.. values]);
    }

    /// <summary>
    /// The related products of each product, strongest first, ties by ordinal. Pairs that lists leave out by default
    /// for their support take the room that others leave.
    /// </summary>
    public RelatedContent Related(RelatedItems items)
    {
        var related = items.Cosine;
        var offsets = new long[_order.Length + 1];
        for (var ordinal = 0; ordinal < _order.Length; ordinal++)
        {
            var row = related.Row(_order[ordinal]);
            offsets[ordinal + 1] = offsets[ordinal] + Math.Min(items.Most, row.End.Value - row.Start.Value);
        }

        var products = new int[offsets[^1]];
        var (strengths, supports, partials) =
            (new float[products.Length], new int[products.Length], new float[products.Length]);
        var at = 0;
        for (var ordinal = 0; ordinal < _order.Length; ordinal++)
        {
            var (start, length) = related.Row(_order[ordinal]).GetOffsetAndLength(related.Columns.Length);
            var keys = new ulong[length];
            var entries = new int[length];
            for (var n = 0; n < length; n++)
            {
                (keys[n], entries[n]) =
                    (RankKey.Pack(related.Strengths[start + n], _ordinals[related.Columns[start + n]]), start + n);
            }

            Array.Sort(keys, entries);
            var kept = entries.Where(e => items.Supports[e] >= RelatedFigures.DefaultMinSupport)
                .Concat(entries.Where(e => items.Supports[e] < RelatedFigures.DefaultMinSupport))
                .Take(items.Most).ToHashSet();
            foreach (var e in entries.Where(kept.Contains))
            {
                products[at] = _ordinals[related.Columns[e]];
                strengths[at] = related.Strengths[e];
                partials[at] = items.Partials[e];
                supports[at++] = items.Supports[e];
            }
        }

        return new RelatedContent(offsets, products, strengths, supports, partials);
    }
}
