using System.CommandLine;
using System.Diagnostics;
using Engine.Kernels.Scan;
using Engine.Kernels.Search;

namespace Bench;

/// <summary>
/// The top users for one product, then the same with the audience curve, then a plain read of the codes:
/// in turns, so that a busy memory slows all three.
/// </summary>
internal static class ReverseBench
{
    private const int Checks = 5;

    public static Command Create() => new BenchOptions().Verb("reverse", "Time exact top users for one product", Run);

    private static void Run(BenchOptions.Values values)
    {
        var (items, users, rateColumns, _) = BenchFactors.Read(values, replicateUsers: true);
        var start = Stopwatch.GetTimestamp();
        var index = TopKIndex.Build(users, rateColumns);
        Console.WriteLine(
            $"{users.Rows} users, codes built in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
        var audience = BenchData.PoolOf(users.Rows, values.Pool);
        var search = new ParallelTopK(index, values.Top, values.Threads);
        var queries = Math.Min(values.Queries, Math.Clamp((int)(200_000_000L / users.Rows), 20, 200));
        var (plain, ranked, counted, read) = (new Timing(), new Timing(), new Timing(), new Timing());
        var (best, expected, curve, scratch) =
            (new ScoredRow[values.Top], new ScoredRow[values.Top], new AudienceCurve(), new TopKScratch());
        var (isExact, blocks, rows) = (true, 0L, 0L);
        for (var i = -2; i < queries; i++)
        {
            var item = items[(int)((long)Math.Max(0, i) * items.Rows / queries)];
            var query = new TopKQuery { Vector = item, Eligible = audience };
            ranked.Start();
            var count = search.Search(query, best, null, out var effort);
            ranked.Stop(i >= 0);
            (blocks, rows) = i < 0 ? (0, 0) : (blocks + effort.CodedBlocks, rows + effort.ExactRows);
            if (i is >= 0 and < Checks)
            {
                plain.Start();
                var wanted = PlainTopK.Search(users, query, expected, scratch);
                plain.Stop(true);
                isExact &= best.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, wanted));
            }

            counted.Start();
            search.Search(query, best, curve);
            counted.Stop(i >= 0);
            read.Start();
            MachineLimits.Read(index.Codes.Codes, values.Threads);
            read.Stop(i >= 0);
        }

        var bytes = (double)index.Codes.CodeBytes;
        var touched = (double)blocks / queries / Math.Max(1, (users.Rows + 63) / 64);
        Console.WriteLine(
            $"top {values.Top}: {ranked}; {touched:P0} of the codes read, {rows / queries} rows scored exactly");
        Console.WriteLine(
            $"with the audience curve: {counted}; its scores are within "
            + $"{curve.ScoreError / MathF.Max(1e-30f, best.Length == 0 ? 1 : best[0].Score):P1} of the best score");
        Console.WriteLine(
            $"a plain read of the {bytes / 1e6:0} MB of codes: {read}, {bytes / read.P50 / 1000:0.0} GB/s; "
            + $"plain search, one thread: {plain.P50 / 1000:0.0} ms");
        Console.WriteLine($"share of the limit: {read.P50 / ranked.P50:P0} by the clock, "
            + $"{read.Processor / ranked.Processor:P0} by processor time; " +
            $"with the curve {read.P50 / counted.P50:P0} and {read.Processor / counted.Processor:P0}");
        Console.WriteLine($"{{\"verb\":\"reverse\",\"users\":{users.Rows},\"top\":{values.Top},"
            + $"\"threads\":{values.Threads},"
            +
            $"\"pool\":{BenchData.Number(values.Pool)},\"p50_us\":{BenchData.Number(ranked.P50)},"
            + $"\"p99_us\":{BenchData.Number(ranked.P99)},"
                +
            $"\"users_per_s\":{BenchData.Number(users.Rows / ranked.P50 * 1e6)},"
            + $"\"processor_us\":{BenchData.Number(ranked.Processor)},"
                +
            $"\"curve_p50_us\":{BenchData.Number(counted.P50)},"
            + $"\"curve_processor_us\":{BenchData.Number(counted.Processor)},"
                +
            $"\"touched_share\":{BenchData.Number(touched)},"
            + $"\"gb_per_s\":{BenchData.Number(bytes * touched / ranked.P50 / 1000)},"
                +
            $"\"limit_share\":{BenchData.Number(read.P50 / ranked.P50)},"
            + $"\"curve_limit_share\":{BenchData.Number(read.P50 / counted.P50)},"
                +
            $"\"exact\":{(isExact ? "true" : "false")}}}");
    }

    /// <summary>Medians by the clock and by processor time, which neighbors on the machine stretch less.</summary>
    private sealed class Timing
    {
        private readonly Latencies _clock = new(1000);
        private readonly Latencies _processor = new(1000);
        private long _began;
        private double _beganProcessor;

        public double P50 => _clock.Percentile(0.5);

        public double P99 => _clock.Percentile(0.99);

        public double Processor => _processor.Percentile(0.5);

        public void Start() => (_beganProcessor, _began) = (MachineLimits.ProcessorSeconds(), Stopwatch.GetTimestamp());

        public void Stop(bool counts)
        {
            var (ended, endedProcessor) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
            if (counts)
            {
                _clock.Add(ended - _began);
                _processor.Add((long)((endedProcessor - _beganProcessor) * Stopwatch.Frequency));
            }
        }

        public override string ToString() =>
            $"p50 {P50 / 1000:0.00} ms, p99 {P99 / 1000:0.00} ms, {Processor / 1000:0.00} ms of processor time";
    }
}
