using System.CommandLine;
using System.Diagnostics;
using Engine.Kernels;
using Trainer.Data.Running;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Bench;

/// <summary>The verb <c>similarity</c>: shrunk cosine, top k of every item, on a generated set.</summary>
internal static class SimilarityBench
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder of interactions", Required = true };
        var neighbors = new Option<int>("--neighbors") { Description = "k", DefaultValueFactory = _ => 100 };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Rounds; the first one warms up",
            DefaultValueFactory = _ => 3,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var related = new Option<bool>("--related")
        {
            Description = "Then the related products: a wider list, and partial correlations",
        };
        var command = new Command("similarity", "Item similarity")
        {
            data,
            neighbors,
            rounds,
            threads,
            related,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data),
            new SimilarityOptions
            {
                UserExponent = 0,
                Neighbors = parsed.GetValue(neighbors),
            },
            new RunContext { Threads = parsed.GetValue(threads) },
            parsed.GetValue(rounds),
            parsed.GetValue(related)));
        return command;
    }

    private static void Run(string folder, SimilarityOptions options, RunContext run, int rounds, bool related)
    {
        var matrix = InteractionFiles.Read(folder, binary: true);
        double updates = 0;
        for (var user = 0; user < matrix.RowCount; user++)
        {
            updates += Math.Pow(Math.Min(options.HistoryCap, matrix.RowLength(user)), 2);
        }

        Say($"{matrix.RowCount} users, {matrix.ColumnCount} items, {matrix.Count} interactions, k={options.Neighbors}, "
            + $"{run.Threads} threads, {updates:E2} updates of the Gram");
        var times = new List<double>();
        var cpuTimes = new List<double>();
        double strengths = 0;
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var cpu = MachineLimits.ProcessorSeconds();
            var similarity = ItemSimilarity.Compute(matrix, options, run);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            cpuTimes.Add(MachineLimits.ProcessorSeconds() - cpu);
            strengths = similarity.Strengths.Sum(x => (double)x);
            Say($"round {round}: {times[^1]:F3} s ({cpuTimes[^1]:F3} s of CPU), {similarity.Columns.Length} neighbors, "
                + $"sum of strengths {strengths:F3}");
        }

        if (related)
        {
            var (start, cpu) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
            var items = RelatedItems.Compute(matrix, options.Neighbors, run);
            Say($"related products: {Stopwatch.GetElapsedTime(start).TotalSeconds:F3} s "
                + $"({MachineLimits.ProcessorSeconds() - cpu:F3} s of CPU), sum of partial correlations "
                + $"{items.Partials.Sum(x => (double)x):F3}");
        }

        var measured = times.Skip(1).DefaultIfEmpty(times[0]).Order().ToArray();
        var median = measured[measured.Length / 2];

        // An update of the Gram counts as one operation: it is an addition, and there are no others worth counting.
        var rate = updates / median / 1e9;
        using var process = Process.GetCurrentProcess();
        Say($"{{\"seconds_per_epoch\":{median:F4},\"cpu_seconds\":{cpuTimes.Min():F4},\"gflop_per_s\":{rate:F3},"
            + $"\"fma_share\":{rate / FmaPeak.Gigaflops(run.Threads):F5},\"objective\":{strengths:F3},"
            + $"\"peak_mb\":{process.PeakWorkingSet64 / 1e6:F0},\"neighbors\":{options.Neighbors},"
            + $"\"threads\":{run.Threads}}}");
    }

    private static void Say(InvariantText line) => Console.WriteLine(line.Take());
}
