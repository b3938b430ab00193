using Engine.Kernels.Arithmetic;

namespace Trainer.Models.Matrices;

/// <summary>
/// Shortens long histories, since a user with n items costs n^2 pairs and carries little information about each.
/// </summary>
public static class CappedHistory
{
    /// <summary>
    /// At most <paramref name="cap"/> entries per row: those of greatest weight; equal weights by a hash of row and
    /// column, so that no item is favored by its number. Returns the matrix itself when no row is too long.
    /// </summary>
    public static InteractionMatrix Apply(InteractionMatrix matrix, int cap)
    {
        if (Enumerable.Range(0, matrix.RowCount).All(row => matrix.RowLength(row) <= cap))
        {
            return matrix;
        }

        var keep = new bool[matrix.Count];
        for (var row = 0; row < matrix.RowCount; row++)
        {
            foreach (var place in Keep(matrix, row, cap))
            {
                keep[matrix.Offsets[row] + place] = true;
            }
        }

        return matrix.Where((_, e) => keep[e]);
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
            keys[e] = (
                -matrix.RowWeights(row)[e], SplitMix64.Mix(((ulong)(uint)row << 32) | (uint)matrix.RowColumns(row)[e]));
        }

        Array.Sort(keys, places);
        return places[..cap];
    }
}
