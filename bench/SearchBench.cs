using System.CommandLine;
using System.Diagnostics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Search;

namespace Bench;

/// <summary>
/// Top-K for one user at a time, one thread, beside the plain search and a plain read of the same bytes.
/// </summary>
internal static class SearchBench
{
    private const int Passes = 5;

    public static Command Create() => new BenchOptions().Verb("search", "Time exact top-K for one user", Run);

    private static void Run(BenchOptions.Values values)
    {
        var (items, users, rateColumns, model) = BenchFactors.Read(values);
        var start = Stopwatch.GetTimestamp();
        var index = TopKIndex.Build(items, rateColumns);
        Console.WriteLine(
            $"{items.Rows} items, codes built in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        var pool = values.Pool < 1 ? new TopKPool(index, BenchData.PoolOf(items.Rows, values.Pool)) : null;
        var queries = Math.Min(values.Queries, users.Rows);
        var best = new ScoredRow[values.Top];
        var scratch = new TopKScratch();
        var times = new Latencies(queries * Passes);
        long blocks = 0, columns = 0, exact = 0;
        for (var pass = -1; pass < Passes; pass++)
        {
            for (var i = 0; i < queries; i++)
            {
                var vector = users[(int)((long)i * users.Rows / queries)];
                var began = Stopwatch.GetTimestamp();
                Ask(index, pool, vector, best, scratch, out var effort);
                if (pass >= 0)
                {
                    times.Since(began);
                    blocks += effort.CodedBlocks;
                    columns += effort.CodedColumns;
                    exact += effort.ExactRows;
                }
            }
        }

        var (p50, p99) = (times.Percentile(0.5), times.Percentile(0.99));
        var calls = (double)queries * Passes;
        var plain = Verify(index, pool, users, queries, values.Top, out var isExact);
        var bytes = (columns / calls * RowCodes.BlockRows)
            + (exact / calls * items.Stride * sizeof(float));
        var read = MachineLimits.ReadGigabytes((int)bytes);
        var limit = bytes / read / 1000;
        Console.WriteLine($"p50 {p50:0.00} us, p99 {p99:0.00} us; plain search p50 {plain:0.0} us");
        Console.WriteLine($"coded blocks {blocks / calls:0.0} of {(items.Rows + 63) / 64}, "
            + $"columns {columns / Math.Max(1.0, blocks):0.0} of {items.Columns}, exact rows {exact / calls:0.0}, " +
            $"{bytes / 1000:0.0} KB a search; a plain read of as much takes {limit:0.00} us at {read:0.0} GB/s");
        var sparse = model is null ? "" : SparsePart.Measure(model, index, values.Top, ref isExact);
        Console.WriteLine($"{{\"verb\":\"search\",\"items\":{items.Rows},\"top\":{values.Top}," +
            $"\"pool\":{BenchData.Number(values.Pool)},\"p50_us\":{BenchData.Number(p50)},"
            + $"\"p99_us\":{BenchData.Number(p99)},"
                +
            $"\"users_per_s\":{BenchData.Number(1e6 / p50)},{sparse}\"plain_p50_us\":{BenchData.Number(plain)}," +
            $"\"touched_share\":{BenchData.Number(blocks / calls * 64 / items.Rows)},"
            + $"\"exact_rows\":{BenchData.Number(exact / calls)},"
                +
            $"\"gb_per_s\":{BenchData.Number(bytes / p50 / 1000)},\"limit_share\":{BenchData.Number(limit / p50)}," +
            $"\"exact\":{(isExact ? "true" : "false")}}}");
    }

    private static int Ask(
        TopKIndex index,
        TopKPool? pool,
        ReadOnlySpan<float> vector,
        ScoredRow[] best,
        TopKScratch scratch,
        out SearchStatistics effort) =>
        pool is null
            ? index.Search(new() { Vector = vector }, best, scratch, out effort)
            : pool.Search(new() { Vector = vector }, best, scratch, out effort);

    /// <summary>Compares with the plain search, times it, and returns its median in microseconds.</summary>
    private static double Verify(
        TopKIndex index, TopKPool? pool, FactorRows users, int queries, int top, out bool isExact)
    {
        isExact = true;
        var checks = Math.Min(queries, Math.Max(20, (int)(50_000_000L / index.Rows.Rows / 10)));
        var (expected, best, scratch) = (new ScoredRow[top], new ScoredRow[top], new TopKScratch());
        var times = new Latencies(checks);
        for (var i = 0; i < checks; i++)
        {
            var vector = users[(int)((long)i * users.Rows / checks)];
            var start = Stopwatch.GetTimestamp();
            var count = PlainTopK.Search(
                index.Rows, new() { Vector = vector, Eligible = pool is null ? [] : pool.Words }, expected, scratch);
            times.Since(start);
            var found = Ask(index, pool, vector, best, scratch, out _);
            isExact &= best.AsSpan(0, found).SequenceEqual(expected.AsSpan(0, count));
        }

        return times.Percentile(0.5);
    }
}
