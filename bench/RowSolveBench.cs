using System.CommandLine;
using System.Globalization;
using Engine.Kernels.Solve;

namespace Bench;

/// <summary>
/// The verb <c>row-solve</c>: one exact ALS row (the fold-in of a basket) by its length, one thread, in CPU time,
/// beside the FMA loop of the same run.
/// </summary>
internal static class RowSolveBench
{
    private const int Rows = 20_000;

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var factors = new Option<int>("--factors") { Description = "f", DefaultValueFactory = _ => 64 };
        var command = new Command("row-solve", "One ALS row solve (fold-in) by its length") { factors };
        command.SetAction(parsed => Run(parsed.GetValue(factors)));
        return command;
    }

    private static void Run(int factors)
    {
        var random = new Random(1);
        var stride = (factors + 15) & ~15;
        var rows = new float[Rows * stride];
        for (var n = 0; n < rows.Length; n++)
        {
            rows[n] = n % stride < factors ? (random.NextSingle() - 0.5f) * 0.2f : 0;
        }

        var spectrum = Enumerable.Range(0, factors).Select(k => Rows * 0.01 / (k + 1)).ToArray();
        var options = new RowSolverOptions(0.1, 0.003, 1, Rows);
        var solver = new RowSolver(spectrum, options);
        var batch = new RowBatchSolver(spectrum, options);
        var peak = FmaPeak.PerCpuSecond();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"f={factors}, pure FMA loop {peak:F1} GFLOP/s of CPU time on one thread"));
        foreach (var length in (int[])[1, 2, 5, 8, 10, 16, 20, 32, 48, 64, 65, 100, 200, 1000, 10_000])
        {
            Measure(solver, rows, stride, length, peak, random);
            if (RowBatchSolver.Accepts(length, factors))
            {
                MeasureBatch(batch, rows, stride, length, peak, random);
            }
        }
    }

    private static void Measure(RowSolver solver, float[] rows, int stride, int length, double peak, Random random)
    {
        var f = solver.Factors;
        var small = RowSolver.IsDual(length, f) ? length : f;
        double large = RowSolver.IsDual(length, f) ? f : length;
        var flops = (small * (double)small * large) + (small * (double)small * small / 3) + (4.0 * length * f);
        var ordinals = Enumerable.Range(0, 64).Select(_ => RandomRows(random, length)).ToArray();
        var weights = Enumerable.Repeat(1f, length).ToArray();
        var target = new float[f];
        var repeats = (int)Math.Clamp(2e8 / flops, 10, 10_000);
        // The best of thirty rounds of milliseconds each: what the code can do between other processes' turns.
        var seconds = double.PositiveInfinity;
        for (var round = 0; round < 30; round++)
        {
            var start = MachineLimits.ProcessorSeconds();
            for (var n = 0; n < repeats; n++)
            {
                solver.Solve(rows, stride, ordinals[n & 63], weights, target);
            }

            seconds = Math.Min(seconds, (MachineLimits.ProcessorSeconds() - start) / repeats);
        }

        Say("one  ", length, seconds, flops, peak);
    }

    // The same row out of full batches of eight.
    private static void MeasureBatch(
        RowBatchSolver solver, float[] rows, int stride, int length, double peak, Random random)
    {
        var batches = 64;
        var count = batches * RowBatchSolver.Capacity;
        var offsets = Enumerable.Range(0, count + 1).Select(row => (long)row * length).ToArray();
        var columns = RandomRows(random, count * length);
        var weights = Enumerable.Repeat(1f, count * length).ToArray();
        var members = Enumerable.Range(0, count).ToArray();
        var (solved, losses) = (new float[count * stride], new double[count]);
        double f = stride, n = length;
        var seconds = double.PositiveInfinity;
        for (var round = 0; round < 30; round++)
        {
            var start = MachineLimits.ProcessorSeconds();
            for (var batch = 0; batch < batches; batch++)
            {
                var chosen = members.AsSpan(batch * RowBatchSolver.Capacity, RowBatchSolver.Capacity);
                solver.Solve(rows, stride, new RowBatch(offsets, columns, weights, chosen), solved, losses);
            }

            seconds = Math.Min(seconds, (MachineLimits.ProcessorSeconds() - start) / count);
        }

        Say("batch", length, seconds, (n * n * f) + (n * n * n / 3) + (4 * n * f), peak);
    }

    private static void Say(string way, int length, double seconds, double flops, double peak) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{way} n={length,6}: {seconds * 1e6,9:F2} us {flops / seconds / 1e9,7:F1} GFLOP/s "
            + $"{flops / seconds / 1e9 / peak,6:P0} of the FMA loop"));

    private static int[] RandomRows(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => random.Next(Rows))];
}
