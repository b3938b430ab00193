using System.CommandLine;
using System.Diagnostics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Search;

namespace Bench;

/// <summary>
/// Top-K for all users, in users per second and in the arithmetic that a search without bounds would have done.
/// </summary>
internal static class BatchBench
{
    public static Command Create() => new BenchOptions().Verb("batch", "Time exact top-K for all users", Run);

    private static void Run(BenchOptions.Values values)
    {
        var (items, users, rateColumns, _) = BenchFactors.Read(values);
        var index = TopKIndex.Build(items, rateColumns);
        var pool = BenchData.PoolOf(items.Rows, values.Pool);
        var batch = new BatchTopK(index, values.Top, values.Threads);
        var sample = new int[Math.Min(users.Rows, Math.Clamp((int)(200_000_000L / items.Rows / 64), 20, 500))];
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = (int)((long)i * users.Rows / sample.Length);
        }

        Answer(batch, users, pool, Math.Min(users.Rows, 2000), (_, _, _) => { });
        var (next, isExact, checks) = (0, true, 0L);
        var (processor, checkProcessor) = (MachineLimits.ProcessorSeconds(), 0.0);
        var start = Stopwatch.GetTimestamp();
        Answer(batch, users, pool, users.Rows, (first, answers, counts) =>
        {
            var (began, beganProcessor) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
            for (; next < sample.Length && sample[next] < first + counts.Length; next++)
            {
                var at = sample[next] - first;
                isExact &=
                    IsExact(items, pool, users[sample[next]], answers.Slice(at * values.Top, counts[at]), values.Top);
            }

            checks += Stopwatch.GetTimestamp() - began;
            checkProcessor += MachineLimits.ProcessorSeconds() - beganProcessor;
        });
        processor = MachineLimits.ProcessorSeconds() - processor - checkProcessor;
        var seconds = (double)(Stopwatch.GetTimestamp() - start - checks) / Stopwatch.Frequency;
        var (times, touched) = OneByOne(index, users, pool, values.Top, sample);
        var flops = 2.0 * users.Rows * items.Rows * items.Columns / seconds / 1e9;
        var peak = FmaPeak.Gigaflops(values.Threads);
        var processorFlops = flops * seconds / processor * values.Threads;
        Console.WriteLine($"{users.Rows} users x {items.Rows} items in {seconds:0.000} s on "
            + $"{values.Threads} threads, " +
            $"{processor:0.000} s of processor time ({users.Rows / processor:0} users a processor second), "
            + $"{sample.Length} answers checked");
        Console.WriteLine(
            $"one search of the batch, one thread: p50 {times.Percentile(0.5):0.00} us, "
            + $"p99 {times.Percentile(0.99):0.00} us, {touched:P1} of the products touched");
        Console.WriteLine(
            $"{flops:0} GFLOP/s of a full product, {processorFlops:0} by processor time; "
            + $"the loop of fused multiply-adds reaches {peak:0}");
        Console.WriteLine($"{{\"verb\":\"batch\",\"items\":{items.Rows},\"users\":{users.Rows},\"top\":{values.Top},"
            + $"\"threads\":{values.Threads},"
            +
            $"\"pool\":{BenchData.Number(values.Pool)},\"seconds\":{BenchData.Number(seconds)},"
            + $"\"users_per_s\":{BenchData.Number(users.Rows / seconds)},"
                +
            $"\"users_per_processor_s\":{BenchData.Number(users.Rows / processor)}," +
            $"\"p50_us\":{BenchData.Number(times.Percentile(0.5))},"
            + $"\"p99_us\":{BenchData.Number(times.Percentile(0.99))},"
                +
            $"\"touched_share\":{BenchData.Number(touched)}," +
            $"\"gflop_per_s\":{BenchData.Number(flops)},\"limit_share\":{BenchData.Number(processorFlops / peak)},"
            + $"\"exact\":{(isExact ? "true" : "false")}}}");
    }

    private static void Answer(BatchTopK batch, FactorRows users, ulong[] pool, int count, BatchSink sink) =>
        batch.Run(count, () => 0, (user, _) => new() { Vector = users[user], Eligible = pool }, sink);

    /// <summary>
    /// The searches of a batch are single searches: some of them again, each timed, with the share of the products in
    /// blocks that were read.
    /// </summary>
    private static (Latencies Times, double Touched) OneByOne(
        TopKIndex index, FactorRows users, ulong[] pool, int top, int[] sample)
    {
        const int Passes = 5;
        var (times, scratch, best, blocks) =
            (new Latencies(Passes * sample.Length), new TopKScratch(), new ScoredRow[top], 0L);
        for (var pass = -1; pass < Passes; pass++)
        {
            foreach (var user in sample)
            {
                var began = Stopwatch.GetTimestamp();
                index.Search(new() { Vector = users[user], Eligible = pool }, best, scratch, out var effort);
                if (pass >= 0)
                {
                    times.Since(began);
                    blocks += effort.CodedBlocks;
                }
            }
        }

        return (times, (double)blocks * RowCodes.BlockRows / Passes / sample.Length / index.Rows.Rows);
    }

    private static bool IsExact(
        FactorRows items, ulong[] pool, ReadOnlySpan<float> vector, ReadOnlySpan<ScoredRow> answer, int top)
    {
        var expected = new ScoredRow[top];
        var count = PlainTopK.Search(items, new() { Vector = vector, Eligible = pool }, expected, new TopKScratch());
        return answer.SequenceEqual(expected.AsSpan(0, count));
    }
}
