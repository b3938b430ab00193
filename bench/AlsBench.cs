using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Engine.Kernels;
using Trainer.Data.Running;
using Trainer.Models.Factors;

namespace Bench;

/// <summary>
/// The verb <c>als</c>: epochs on a generated set, in seconds, GFLOP/s and share of the FMA loop of the same run.
/// </summary>
internal static class AlsBench
{
    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder of interactions", Required = true };
        var factors = new Option<int>("--factors") { Description = "f", DefaultValueFactory = _ => 64 };
        var epochs = new Option<int>("--epochs")
        {
            Description = "Epochs; the first one warms up",
            DefaultValueFactory = _ => 4,
        };
        var threads = new Option<int>("--threads")
        {
            Description = "Threads",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var command = new Command("als", "ALS epochs") { data, factors, epochs, threads };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(data),
            new AlsOptions
            {
                Factors = parsed.GetValue(factors),
                Epochs = parsed.GetValue(epochs),
            },
            new RunContext { Threads = parsed.GetValue(threads) }));
        return command;
    }

    private static void Run(string folder, AlsOptions options, RunContext run)
    {
        var matrix = InteractionFiles.Read(folder, binary: true);
        var peak = FmaPeak.Gigaflops(run.Threads);
        Say($"{matrix.RowCount} users, {matrix.ColumnCount} items, {matrix.Count} interactions, "
            + $"f={options.Factors}, {run.Threads} threads");
        Say($"pure FMA loop {peak:F1} GFLOP/s; its share counts the cheaper of n^2 f + n^3/3 + 4 n f (dual) and n f^2 "
            + $"+ f^3/3 + 4 n f (primal) for every row, no padding");
        var stride = (options.Factors + 15) & ~15;
        var userRate = MachineLimits.RandomRowGigabytes(matrix.RowCount, stride, run.Threads);
        var itemRate = MachineLimits.RandomRowGigabytes(matrix.ColumnCount, stride, run.Threads);
        var gathered = (double)matrix.Count * stride * sizeof(float) / 1e9;
        var floor = (gathered / userRate) + (gathered / itemRate);
        Say($"random rows of {stride * sizeof(float)} bytes: {userRate:F1} GB/s from the users, {itemRate:F1} GB/s "
            + $"from the items; an epoch gathers {gathered:F1} GB of each, at these rates {floor:F2} s");
        var userFlops = AlsCost.SolveFlops(matrix, options.Factors);
        var itemFlops = AlsCost.SolveFlops(matrix.Transpose(run), options.Factors);
        var gramFlops = AlsCost.GramianFlops(matrix.RowCount + matrix.ColumnCount, options.Factors);
        var cpuPeak = FmaPeak.PerCpuSecond();
        var cpu = new List<double> { MachineLimits.ProcessorSeconds() };
        var result = Als.Train(matrix, options, run, progress: epoch =>
        {
            Say($"epoch {epoch.Number}: {epoch.Time.TotalSeconds:F3} s, items {Rate(itemFlops, epoch.ItemTime, peak)}, "
                + $"users {Rate(userFlops, epoch.UserTime, peak)}, "
                + $"Gramians {Rate(gramFlops, epoch.GramianTime, peak)}");
            cpu.Add(MachineLimits.ProcessorSeconds());
            Say($"  objective {epoch.Loss:F2} = observed {epoch.Observed:F2} + unobserved {epoch.Unobserved:F2} + "
                + $"regularization {epoch.Regularization:F2}");
        });
        peak = Math.Max(peak, FmaPeak.Gigaflops(run.Threads));
        var seconds =
            result.Epochs.Skip(1).DefaultIfEmpty(result.Epochs[0]).Select(e => e.Time.TotalSeconds).Order().ToArray();
        var median = seconds[seconds.Length / 2];
        var rate = (userFlops + itemFlops + gramFlops) / median / 1e9;
        // What an epoch takes at the speed of the FMA loop, and its gather at that of reading random rows.
        var arithmetic = (userFlops + itemFlops + gramFlops) / peak / 1e9;
        var cpuSeconds = (cpu[^1] - cpu[1]) / Math.Max(1, options.Epochs - 1);
        var cpuShare = (userFlops + itemFlops + gramFlops) / cpuSeconds / 1e9 / cpuPeak;
        using var process = Process.GetCurrentProcess();
        Say($"{{\"seconds_per_epoch\":{median:F4},\"gflop_per_s\":{rate:F1},\"fma_share\":{rate / peak:F3},"
            + $"\"objective\":{result.Epochs[^1].Loss:R},\"cpu_seconds_per_epoch\":{cpuSeconds:F4},"
            + $"\"fma_share_of_cpu_time\":{cpuShare:F3},\"peak_mb\":{process.PeakWorkingSet64 / 1e6:F0},"
            + $"\"fma_gflop_per_s\":{peak:F1},\"random_row_gb_per_s\":{userRate:F1},\"gather_seconds\":{floor:F3},"
            + $"\"arithmetic_seconds\":{arithmetic:F3},\"times_of_both\":{median / (arithmetic + floor):F2},"
            + $"\"factors\":{options.Factors},\"threads\":{run.Threads}}}");
    }

    private static string Rate(double flops, TimeSpan time, double peak)
    {
        var rate = flops / time.TotalSeconds / 1e9;
        return string.Create(
            CultureInfo.InvariantCulture, $"{time.TotalSeconds:F3} s {rate:F0} GFLOP/s ({rate / peak:P0})");
    }

    private static void Say(InvariantText line) => Console.WriteLine(line.Take());
}
