using Trainer.Models.Matrices;

namespace Trainer.Tests.Models;

/// <summary>Random sparse matrices for model tests.</summary>
internal static class RandomInteractions
{
    /// <summary>
    /// Each pair is present with probability <paramref name="density"/> (popular columns more), weights 1 or .1 .. 3.
    /// </summary>
    public static InteractionMatrix Make(int rows, int columns, double density, int seed, bool weighted = false)
    {
        var random = new Random(seed);
        var offsets = new long[rows + 1];
        var list = new List<int>();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (random.NextDouble() < density * 2 * (columns - column) / columns)
                {
                    list.Add(column);
                }
            }

            offsets[row + 1] = list.Count;
        }

        var weights = list.Select(_ => weighted ? (float)(0.1 + (2.9 * random.NextDouble())) : 1f).ToArray();
        return new InteractionMatrix(rows, columns, offsets, [.. list], weights);
    }

    /// <summary>The matrix with these columns in each row, weights 1.</summary>
    public static InteractionMatrix Of(IEnumerable<int[]> rows, int columns)
    {
        var offsets = new List<long> { 0 };
        var list = new List<int>();
        foreach (var row in rows)
        {
            list.AddRange(row);
            offsets.Add(list.Count);
        }

        return new InteractionMatrix(offsets.Count - 1, columns, [.. offsets], [.. list], [.. list.Select(_ => 1f)]);
    }
}
