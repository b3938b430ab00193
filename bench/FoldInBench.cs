using System.CommandLine;
using System.Diagnostics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Search;
using Engine.Kernels.Solve;

namespace Bench;

/// <summary>The factors of a basket of five products by the exact solve, and the search that follows.</summary>
internal static class FoldInBench
{
    private const int BasketSize = 5;

    public static Command Create() =>
        new BenchOptions().Verb("foldin", "Time the fold-in of a basket of 5 products", Run);

    private static void Run(BenchOptions.Values values)
    {
        var (items, _, rateColumns, model) = BenchFactors.Read(values);
        var spectrum = model?.Snapshot.Spectrum.AsSpan().ToArray() ?? Spectrum(items);
        var options = new RowSolverOptions(0.01, 0.003, 1, items.Rows);
        var solver = new RowSolver(spectrum, options);
        var index = TopKIndex.Build(items, rateColumns);
        var (vector, weights, basket) = (new float[items.Stride], new float[BasketSize], new int[BasketSize]);
        Array.Fill(weights, 1);
        var (best, scratch, random) = (new ScoredRow[values.Top], new TopKScratch(), new Random(1));
        var (solves, searches, isExact) = (new Latencies(values.Queries), new Latencies(values.Queries), true);
        var (blocks, residual) = (0L, 0.0);
        for (var i = -values.Queries; i < values.Queries; i++)
        {
            for (var k = 0; k < BasketSize; k++)
            {
                // Ascending and distinct: one product from each fifth of the catalog.
                basket[k] = (int)((k + random.NextDouble()) * items.Rows / BasketSize);
            }

            var began = Stopwatch.GetTimestamp();
            solver.Solve(items.Elements, items.Stride, basket, weights, vector.AsSpan(0, spectrum.Length));
            var between = Stopwatch.GetTimestamp();
            index.Search(new() { Vector = vector }, best, scratch, out var effort);
            if (i >= 0)
            {
                searches.Since(between);
                solves.Add(between - began);
                blocks += effort.CodedBlocks;
                isExact &= i % 100 != 0 || IsExact(items, vector, best);
                residual = i % 100 != 0
                    ? residual
                    : Math.Max(residual, Residual(items, spectrum, options, basket, vector));
            }
        }

        // The largest error that fp32 leaves in the normal equations of so few products; a wrong solve is off by far
        // more.
        isExact &= residual < 1e-5;
        var touched = (double)blocks * RowCodes.BlockRows / values.Queries / items.Rows;
        var gigaflops = Flops(BasketSize, spectrum.Length) / solves.Percentile(0.5) / 1000;
        var peak = FmaPeak.Gigaflops(1);
        var (solve, search) = (solves.Percentile(0.5), searches.Percentile(0.5));
        Console.WriteLine(
            $"fold-in p50 {solve:0.00} us, p99 {solves.Percentile(0.99):0.00} us; "
            + $"the search after it p50 {search:0.00} us, {touched:P1} of the products touched");
        Console.WriteLine($"{gigaflops:0.0} GFLOP/s of the dual, {gigaflops / peak:P1} of the {peak:0} of a loop of "
            + $"fused multiply-adds: a system of {BasketSize} waits for " +
            $"square roots and divisions; residual of the normal equations at most {residual:0.0e0}");
        Console.WriteLine($"{{\"verb\":\"foldin\",\"items\":{items.Rows},\"top\":{values.Top},"
            + $"\"p50_us\":{BenchData.Number(solve)},"
            +
            $"\"p99_us\":{BenchData.Number(solves.Percentile(0.99))},\"users_per_s\":{BenchData.Number(1e6 / solve)},"
            + $"\"search_p50_us\":{BenchData.Number(search)},"
                +
            $"\"touched_share\":{BenchData.Number(touched)},\"gflop_per_s\":{BenchData.Number(gigaflops)},"
            + $"\"limit_share\":{BenchData.Number(gigaflops / peak)},"
                +
            $"\"exact\":{(isExact ? "true" : "false")}}}");
    }

    /// <summary>
    /// The diagonal of the Gramian: its eigenvalues where the columns stand in its eigenbasis, as trained files do.
    /// </summary>
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

    /// <summary>
    /// Of a dual of n observations: its Gramian of n^2 f, a Cholesky factorisation of n^3 / 3, and 4 n f around it.
    /// </summary>
    private static double Flops(int n, int factors) =>
        ((double)n * n * factors) + (n * n * n / 3.0) + (4.0 * n * factors);

    /// <summary>|A x - b| / |b| in double, A = a0 L + lam_u I + sum y y^T and b = sum y over the basket.</summary>
    private static double Residual(
        FactorRows items, double[] spectrum, RowSolverOptions options, int[] basket, float[] x)
    {
        var (difference, right) = (new double[spectrum.Length], new double[spectrum.Length]);
        for (var k = 0; k < spectrum.Length; k++)
        {
            difference[k] =
                ((options.UnobservedWeight * spectrum[k]) + options.RowRegularization(basket.Length)) * x[k];
        }

        foreach (var item in basket)
        {
            var row = items[item];
            var score = 0.0;
            for (var k = 0; k < spectrum.Length; k++)
            {
                score += (double)row[k] * x[k];
            }

            for (var k = 0; k < spectrum.Length; k++)
            {
                difference[k] += (score - 1) * row[k];
                right[k] += row[k];
            }
        }

        return Math.Sqrt(difference.Sum(value => value * value) / right.Sum(value => value * value));
    }

    private static bool IsExact(FactorRows items, ReadOnlySpan<float> vector, ReadOnlySpan<ScoredRow> answer)
    {
        var expected = new ScoredRow[answer.Length];
        PlainTopK.Search(items, new() { Vector = vector }, expected, new TopKScratch());
        return answer.SequenceEqual(expected);
    }
}
