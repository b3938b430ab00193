using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Bench;

/// <summary>
/// fp32 GFLOP/s of fused multiply-adds in registers on so many threads at once: the limit of every dense kernel.
/// </summary>
internal static class FmaPeak
{
    private const int Steps = 2_000_000;
    private const int Chains = 12;

    /// <summary>The best of five rounds.</summary>
    public static double Gigaflops(int threads)
    {
        double best = 0;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(
                0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, n => Sink[n & 63] += Loop());
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            best = Math.Max(best, (double)threads * Steps * Chains * Width * 2 / seconds / 1e9);
        }

        return best;
    }

    /// <summary>
    /// The same on one thread by CPU time, which other processes on the machine do not stretch. The best of five.
    /// </summary>
    public static double PerCpuSecond()
    {
        double best = 0;
        for (var round = 0; round < 5; round++)
        {
            var start = MachineLimits.ProcessorSeconds();
            Sink[0] += Loop();
            best =
                Math.Max(best, (double)Steps * Chains * Width * 2 / (MachineLimits.ProcessorSeconds() - start) / 1e9);
        }

        return best;
    }

    private static readonly float[] Sink = new float[64];

    private static int Width =>
        Vector512.IsHardwareAccelerated ? 16 : Vector<float>.Count;

    private static float Loop() => Vector512.IsHardwareAccelerated ? Wide() : Portable();

    private static float Wide()
    {
        var x = Vector512.Create(0.999f);
        var y = Vector512.Create(1e-3f);
        var (a, b, c, d, e, f, g, h, i, j, k, l) = (x, y, x, y, x, y, x, y, x, y, x, y);
        for (var n = 0; n < Steps; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private static float Portable()
    {
        var x = new Vector<float>(0.999f);
        var y = new Vector<float>(1e-3f);
        var (a, b, c, d, e, f, g, h, i, j, k, l) = (x, y, x, y, x, y, x, y, x, y, x, y);
        for (var n = 0; n < Steps; n++)
        {
            a = Vector.FusedMultiplyAdd(a, x, y);
            b = Vector.FusedMultiplyAdd(b, x, y);
            c = Vector.FusedMultiplyAdd(c, x, y);
            d = Vector.FusedMultiplyAdd(d, x, y);
            e = Vector.FusedMultiplyAdd(e, x, y);
            f = Vector.FusedMultiplyAdd(f, x, y);
            g = Vector.FusedMultiplyAdd(g, x, y);
            h = Vector.FusedMultiplyAdd(h, x, y);
            i = Vector.FusedMultiplyAdd(i, x, y);
            j = Vector.FusedMultiplyAdd(j, x, y);
            k = Vector.FusedMultiplyAdd(k, x, y);
            l = Vector.FusedMultiplyAdd(l, x, y);
        }

        return Vector.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
