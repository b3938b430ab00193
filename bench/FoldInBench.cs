using System.CommandLine;
using System.Diagnostics;
using Engine.Model.Kernels;

namespace Bench;

/// <summary>The factors of a basket of five products by the exact solve, and the search that follows.</summary>
internal static class FoldInBench
{
    private const int BasketSize = 5;

    public static Command Create() => new BenchOptions().Verb("foldin", "Time the fold-in of a basket of 5 products", Run);

    private static void Run(BenchOptions.Values values)
    {
        var (items, _, rateColumns, model) = BenchFactors.Read(values);
        var spectrum = model?.Snapshot.Spectrum.AsSpan().ToArray() ?? Spectrum(items);
        var solver = new RowSolver(spectrum, new RowSolverOptions(0.01, 0.003, 1, items.Rows));
        var index = TopKIndex.Build(items, rateColumns);
        var (vector, weights, basket) = (new float[items.Stride], new float[BasketSize], new int[BasketSize]);
        Array.Fill(weights, 1);
        var (best, scratch, random) = (new ScoredProduct[values.Top], new TopKScratch(), new Random(1));
        var (solves, searches, isExact) = (new Latencies(values.Queries), new Latencies(values.Queries), true);
        for (var i = -values.Queries; i < values.Queries; i++)
        {
            for (var k = 0; k < BasketSize; k++)
            {
                // Ascending and distinct: one product from each fifth of the catalogue.
                basket[k] = (int)((k + random.NextDouble()) * items.Rows / BasketSize);
            }

            var began = Stopwatch.GetTimestamp();
            solver.Solve(items.Elements, items.Stride, basket, weights, vector.AsSpan(0, spectrum.Length));
            var between = Stopwatch.GetTimestamp();
            index.Search(new() { Vector = vector }, best, scratch);
            if (i >= 0)
            {
                searches.Since(between);
                solves.Add(between - began);
                isExact &= i % 100 != 0 || IsExact(items, vector, best);
            }
        }

        var (solve, search) = (solves.Percentile(0.5), searches.Percentile(0.5));
        Console.WriteLine($"fold-in p50 {solve:0.00} us, p99 {solves.Percentile(0.99):0.00} us; the search after it p50 {search:0.00} us");
        Console.WriteLine($"{{\"verb\":\"foldin\",\"items\":{items.Rows},\"top\":{values.Top},\"p50_us\":{BenchData.Number(solve)}," +
            $"\"p99_us\":{BenchData.Number(solves.Percentile(0.99))},\"users_per_s\":{BenchData.Number(1e6 / solve)},\"search_p50_us\":{BenchData.Number(search)}," +
            $"\"exact\":{(isExact ? "true" : "false")}}}");
    }

    /// <summary>The diagonal of the Gramian: its eigenvalues where the columns stand in its eigenbasis, as trained files do.</summary>
    private static double[] Spectrum(FactorRows items)
    {
        var spectrum = new double[items.Columns];
        for (var row = 0; row < items.Rows; row++)
        {
            for (var k = 0; k < items.Columns; k++)
            {
                spectrum[k] += (double)items[row][k] * items[row][k];
            }
        }

        return spectrum;
    }

    private static bool IsExact(FactorRows items, ReadOnlySpan<float> vector, ReadOnlySpan<ScoredProduct> answer)
    {
        var expected = new ScoredProduct[answer.Length];
        PlainTopK.Search(items, new() { Vector = vector }, expected, new TopKScratch());
        return answer.SequenceEqual(expected);
    }
}
