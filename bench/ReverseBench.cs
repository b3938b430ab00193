using System.CommandLine;
using System.Diagnostics;
using Engine.Model.Kernels;

namespace Bench;

/// <summary>The top users for one product, with the audience curve in the same pass, beside a plain read of the codes.</summary>
internal static class ReverseBench
{
    public static Command Create() => new BenchOptions().Verb("reverse", "Time exact top users for one product", Run);

    private static void Run(BenchOptions.Values values)
    {
        var items = BenchData.Read(values.Items, values.Factors, 1, byNorm: true);
        var users = BenchData.Read(values.Users, values.Factors, values.Replicate, byNorm: false);
        var start = Stopwatch.GetTimestamp();
        var index = TopKIndex.Build(users);
        Console.WriteLine($"{users.Rows} users, codes built in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        var audience = BenchData.PoolOf(users.Rows, values.Pool);
        var search = new ParallelTopK(index, values.Top, values.Threads);
        var queries = Math.Min(values.Queries, Math.Clamp((int)(200_000_000L / users.Rows), 20, 200));
        var (plainTimes, times, curveTimes) = (new Latencies(5), new Latencies(queries), new Latencies(queries));
        var processor = 0.0;
        var (best, expected, curve, isExact) = (new ScoredProduct[values.Top], new ScoredProduct[values.Top], new AudienceCurve(), true);
        for (var i = -2; i < queries; i++)
        {
            var item = items[(int)((long)Math.Max(0, i) * items.Rows / queries)];
            var query = new TopKQuery { Vector = item, Eligible = audience };
            var (began, beganProcessor) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
            var count = search.Search(query, best);
            var between = Stopwatch.GetTimestamp();
            processor += i < 0 ? 0 : MachineLimits.ProcessorSeconds() - beganProcessor;
            search.Search(query, best, curve);
            if (i >= 0)
            {
                times.Add(between - began);
                curveTimes.Since(between);
            }

            if (i is >= 0 and < 5)
            {
                began = Stopwatch.GetTimestamp();
                var plain = PlainTopK.Search(users, query, expected, new TopKScratch());
                plainTimes.Since(began);
                isExact &= best.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, plain));
            }
        }

        var (p50, p99) = (times.Percentile(0.5), times.Percentile(0.99));
        var read = MachineLimits.ReadGigabytes((int)Math.Min(int.MaxValue - 4096, index.Codes.CodeBytes), values.Threads);
        var rate = index.Codes.CodeBytes / p50 / 1000;
        Console.WriteLine($"p50 {p50 / 1000:0.00} ms, p99 {p99 / 1000:0.00} ms, {processor / queries * 1000:0.00} ms of processor time, with the audience curve p50 {curveTimes.Percentile(0.5) / 1000:0.00} ms; " +
            $"plain search, one thread, {plainTimes.Percentile(0.5) / 1000:0.0} ms");
        Console.WriteLine($"{index.Codes.CodeBytes / 1e6:0} MB of codes at {rate:0.0} GB/s; a plain read of as much runs at {read:0.0} GB/s; " +
            $"scores of the curve are within {curve.ScoreError / MathF.Max(1e-30f, best[0].Score):P1} of the best score");
        Console.WriteLine($"{{\"verb\":\"reverse\",\"users\":{users.Rows},\"top\":{values.Top},\"threads\":{values.Threads}," +
            $"\"pool\":{BenchData.Number(values.Pool)},\"p50_us\":{BenchData.Number(p50)},\"p99_us\":{BenchData.Number(p99)},\"processor_us\":{BenchData.Number(processor / queries * 1e6)}," +
            $"\"curve_p50_us\":{BenchData.Number(curveTimes.Percentile(0.5))},\"gb_per_s\":{BenchData.Number(rate)}," +
            $"\"limit_share\":{BenchData.Number(rate / read)},\"exact\":{(isExact ? "true" : "false")}}}");
    }
}
