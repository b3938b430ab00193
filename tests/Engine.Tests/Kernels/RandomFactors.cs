using System.Collections.Concurrent;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;

namespace Engine.Tests.Kernels;

/// <summary>Factor matrices for tests: random rows with the nasty ones among them.</summary>
internal static class RandomFactors
{
    /// <summary>
    /// Rows in descending norm: Gaussian times a heavy-tailed length times <paramref name="scale"/>, some rows zero,
    /// some repeated. The last <paramref name="rates"/> columns are logarithms of rates, far larger than the rest.
    /// </summary>
    public static FactorRows Create(int rows, int columns, int seed, float scale = 1, int rates = 0) =>
        Pack(Lines(rows, columns, seed, scale, rates), columns);

    /// <summary>The rows of <see cref="Create"/> before they are packed.</summary>
    public static float[][] Lines(int rows, int columns, int seed, float scale = 1, int rates = 0)
    {
        var random = new Random(seed);
        var lines = new float[rows][];
        for (var i = 0; i < rows; i++)
        {
            var kind = random.Next(12);
            var length = scale * (float)Math.Exp(1.5 * Gaussian(random)) / MathF.Sqrt(Math.Max(1, columns));
            lines[i] = kind == 1 && i > 0 ? lines[random.Next(i)] : new float[columns];
            for (var k = 0; k < columns && kind > 1; k++)
            {
                lines[i][k] = length * (float)Gaussian(random);
            }

            for (var k = Math.Max(0, columns - rates); k < columns; k++)
            {
                lines[i][k] = scale * (float)Math.Log(1e-6 + random.NextDouble());
            }
        }

        Array.Sort(lines.Select(line => -line.Sum(x => (double)x * x)).ToArray(), lines);
        return lines;
    }

    /// <summary>A padded query of the same kind as a row.</summary>
    public static float[] Query(FactorRows matrix, int seed, float scale = 1)
    {
        var random = new Random(seed);
        var query = new float[matrix.Stride];
        for (var k = 0; k < matrix.Columns; k++)
        {
            query[k] = scale * (float)Gaussian(random);
        }

        return query;
    }

    /// <summary>The given rows in padded, aligned memory that lives as long as the process.</summary>
    public static FactorRows Pack(float[][] lines, int columns)
    {
        var matrix = Pack(lines, columns, out var memory);
        Kept.Add(memory);
        return matrix;
    }

    /// <summary>The given rows in padded, aligned memory: who keeps the view keeps the memory as well.</summary>
    public static FactorRows Pack(float[][] lines, int columns, out PinnedBuffer<float> memory)
    {
        var stride = FactorRows.StrideOf(columns);
        memory = new PinnedBuffer<float>(lines.Length * stride);
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i].CopyTo(memory.Span[(i * stride)..]);
        }

        return new(memory, lines.Length, columns, stride);
    }

    public static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static readonly ConcurrentBag<PinnedBuffer<float>> Kept = [];
}
