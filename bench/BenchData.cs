using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;
using Engine.Kernels.Search;

namespace Bench;

/// <summary>Raw factor files: little-endian float32, row-major, nothing else.</summary>
internal static class BenchData
{
    /// <summary>Reads a file into padded rows.</summary>
    /// <param name="path">The file; its length is a multiple of 4 x <paramref name="columns"/> bytes.</param>
    /// <param name="columns">Floats of a row in the file.</param>
    /// <param name="replicate">
    /// Copies of the file's rows; every value of the further copies is scaled by up to 5 % at random.
    /// </param>
    /// <param name="byNorm">Whether rows are put into descending norm, as products in a snapshot are.</param>
    public static FactorRows Read(string path, int columns, int replicate, bool byNorm)
    {
        var values = ReadFloats(path);
        if (columns < 1 || values.Length % columns != 0)
        {
            throw new InvalidDataException(
                $"found {values.Length} floats in {path}; expected a multiple of --factors {columns}");
        }

        var rows = values.Length / columns;
        var source = Order(values, rows, columns, replicate, byNorm);
        var stride = FactorRows.StrideOf(columns);
        var buffer = new PinnedBuffer<float>(checked(rows * replicate * stride));
        Kept.Add(buffer);
        for (var i = 0; i < source.Length; i++)
        {
            Fill(
                values.AsSpan(source[i] % rows * columns, columns),
                source[i] / rows,
                source[i],
                buffer.Span[(i * stride)..]);
        }

        return new(buffer, source.Length, columns, stride);
    }

    /// <summary>A number as the JSON lines print it.</summary>
    public static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>A random pool of about the given share of the rows; none for 1.</summary>
    public static ulong[] PoolOf(int rows, double share)
    {
        if (share >= 1)
        {
            return [];
        }

        var random = new Random(1);
        var words = new ulong[TopKQuery.WordsOf(rows)];
        for (var i = 0; i < rows; i++)
        {
            words[i / 64] |= random.NextDouble() < share ? 1ul << i : 0;
        }

        return words;
    }

    private static readonly List<object> Kept = [];

    private static int[] Order(float[] values, int rows, int columns, int replicate, bool byNorm)
    {
        var source = Enumerable.Range(0, rows * replicate).ToArray();
        if (byNorm)
        {
            var norms = new double[source.Length];
            var line = new float[columns];
            for (var i = 0; i < source.Length; i++)
            {
                Fill(values.AsSpan(i % rows * columns, columns), i / rows, i, line);
                foreach (var value in line)
                {
                    norms[i] -= (double)value * value;
                }
            }

            Array.Sort(norms, source);
        }

        return source;
    }

    private static void Fill(ReadOnlySpan<float> row, int copy, int seed, Span<float> target)
    {
        row.CopyTo(target);
        var random = new Random(seed);
        for (var k = 0; k < row.Length && copy > 0; k++)
        {
            target[k] *= 1 + ((random.NextSingle() - 0.5f) * 0.1f);
        }
    }

    private static float[] ReadFloats(string path)
    {
        using var file = File.OpenRead(path);
        var values = new float[file.Length / sizeof(float)];
#pragma warning disable RS0030 // A file of raw floats is read as its bytes.
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
#pragma warning restore RS0030
        return values;
    }
}
