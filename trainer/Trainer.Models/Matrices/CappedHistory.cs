using Trainer.Data.Generate;

namespace Trainer.Models.Matrices;

/// <summary>Shortens long histories, since a user with n items costs n^2 pairs and carries little information about each.</summary>
public static class CappedHistory
{
    /// <summary>
    /// At most <paramref name="cap"/> entries per row: those of greatest weight; equal weights by a hash of row and column,
    /// so that no item is favored by its number. Returns the matrix itself when no row is too long.
    /// </summary>
    public static InteractionMatrix Apply(InteractionMatrix matrix, int cap)
    {
        var offsets = new long[matrix.RowCount + 1];
        for (var row = 0; row < matrix.RowCount; row++)
        {
            offsets[row + 1] = offsets[row] + Math.Min(cap, matrix.RowLength(row));
        }

        if (offsets[^1] == matrix.Count)
        {
            return matrix;
        }

        var columns = new int[offsets[^1]];
        var weights = new float[offsets[^1]];
        for (var row = 0; row < matrix.RowCount; row++)
        {
            var target = (int)offsets[row];
            var kept = Keep(matrix, row, cap);
            foreach (var e in kept)
            {
                columns[target] = matrix.RowColumns(row)[e];
                weights[target++] = matrix.RowWeights(row)[e];
            }
        }

        return new InteractionMatrix(matrix.RowCount, matrix.ColumnCount, offsets, columns, weights);
    }

    private static int[] Keep(InteractionMatrix matrix, int row, int cap)
    {
        var length = matrix.RowLength(row);
        var places = Enumerable.Range(0, length).ToArray();
        if (length <= cap)
        {
            return places;
        }

        var keys = new (float Weight, ulong Draw)[length];
        for (var e = 0; e < length; e++)
        {
            keys[e] = (-matrix.RowWeights(row)[e], SplitMix64.Mix(((ulong)(uint)row << 32) | (uint)matrix.RowColumns(row)[e]));
        }

        Array.Sort(keys, places);
        var kept = places[..cap];
        Array.Sort(kept);
        return kept;
    }
}
