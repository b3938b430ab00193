using System.CommandLine;
using System.Diagnostics;
using Engine.Kernels;
using Trainer.Data.Running;
using Trainer.Models.Ridge;

namespace Bench;

/// <summary>The verb <c>ridge</c>: the Gram and the local ridge of every item, on a generated set.</summary>
internal static class RidgeBench
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder of interactions", Required = true };
        var neighbors = new Option<int>("--neighbors") { Description = "k", DefaultValueFactory = _ => 64 };
        var gram = new Option<int>("--gram-neighbors")
        {
            Description = "Entries of a Gram row that are kept",
            DefaultValueFactory = _ => 512,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var command = new Command("ridge", "The local ridge")
        {
            data,
            neighbors,
            gram,
            threads,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data),
            new RidgeOptions
            {
                Neighbors = parsed.GetValue(neighbors),
                GramNeighbors = parsed.GetValue(gram),
            },
            new RunContext { Threads = parsed.GetValue(threads) }));
        return command;
    }

    private static void Run(string folder, RidgeOptions options, RunContext run)
    {
        var matrix = InteractionFiles.Read(folder, binary: true);
        var peak = FmaPeak.Gigaflops(run.Threads);
        Say($"{matrix.RowCount} users, {matrix.ColumnCount} items, {matrix.Count} interactions, k={options.Neighbors}, "
            + $"{run.Threads} threads, pure FMA loop {peak:F1} GFLOP/s");
        var (start, cpu) = (Stopwatch.GetTimestamp(), MachineLimits.ProcessorSeconds());
        var gram = GramRows.Compute(matrix, options, run);
        var (gramSeconds, gramCpu) =
            (Stopwatch.GetElapsedTime(start).TotalSeconds, MachineLimits.ProcessorSeconds() - cpu);
        Say($"Gram {gramSeconds:F2} s ({gramCpu:F2} s of CPU)");
        var ridge = LocalRidge.Compute(gram, options, run);
        var (seconds, cpuSeconds) =
            (Stopwatch.GetElapsedTime(start).TotalSeconds, MachineLimits.ProcessorSeconds() - cpu);

        // A Cholesky of k x k for every item; the Gram's additions and the filling of systems do not count.
        var rate = matrix.ColumnCount * Math.Pow(options.Neighbors, 3) / 3 / (seconds - gramSeconds) / 1e9;
        using var process = Process.GetCurrentProcess();
        Say($"{{\"seconds_per_epoch\":{seconds:F4},\"gram_seconds\":{gramSeconds:F4},\"cpu_seconds\":{cpuSeconds:F4},"
            + $"\"gram_cpu_seconds\":{gramCpu:F4},\"gflop_per_s\":{rate:F1},\"fma_share\":{rate / peak:F3},"
            + $"\"objective\":{ridge.Strengths.Sum(x => (double)x):F3},\"peak_mb\":{process.PeakWorkingSet64 / 1e6:F0},"
            + $"\"neighbors\":{options.Neighbors},\"threads\":{run.Threads}}}");
    }

    private static void Say(InvariantText line) => Console.WriteLine(line.Take());
}
