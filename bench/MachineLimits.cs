using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Bench;

/// <summary>What this machine can do at this moment; every figure is printed beside one of these.</summary>
internal static class MachineLimits
{
    /// <summary>GFLOP/s of a pure loop of fused multiply-adds in registers, one thread, best of several tries.</summary>
    public static double FmaGigaflops()
    {
        double best = 0;
        for (var round = 0; round < 20; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Sink += FmaLoop(100_000);
            best = Math.Max(best, 100_000.0 * 12 * Vector512<float>.Count * 2 / Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        return best;
    }

    /// <summary>GB/s of a plain read of the same bytes again and again, best of several tries.</summary>
    public static double ReadGigabytes(int bytes, int threads = 1)
    {
        var part = Math.Max(4096, bytes / threads / 256 * 256);
        var memory = Enumerable.Range(0, threads).Select(_ => new byte[part]).ToArray();
        // Untouched pages are all the same page of zeros, which a cache holds.
        Array.ForEach(memory, array => array.AsSpan().Fill(1));
        var sums = new float[threads * 16];
        double best = 0;
        var repeats = Math.Max(1, 4_000_000 / part);
        for (var round = 0; round < 20; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                for (var i = 0; i < repeats; i++)
                {
                    sums[thread * 16] += ReadOnce(memory[thread]);
                }
            });
            best = Math.Max(best, (double)part * threads * repeats / Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        Sink += sums[0];
        return best;
    }

    /// <summary>Seconds of processor time that this process has used, all threads together: what a busy machine cannot stretch.</summary>
    public static double ProcessorSeconds()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>Keeps results alive.</summary>
    public static float Sink { get; private set; }

    private static float FmaLoop(int count)
    {
        Vector512<float> x = Vector512.Create(1.0001f), y = Vector512.Create(1e-6f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var n = 0; n < count; n++)
        {
            a = Vector512.MultiplyAddEstimate(a, x, y);
            b = Vector512.MultiplyAddEstimate(b, x, y);
            c = Vector512.MultiplyAddEstimate(c, x, y);
            d = Vector512.MultiplyAddEstimate(d, x, y);
            e = Vector512.MultiplyAddEstimate(e, x, y);
            f = Vector512.MultiplyAddEstimate(f, x, y);
            g = Vector512.MultiplyAddEstimate(g, x, y);
            h = Vector512.MultiplyAddEstimate(h, x, y);
            i = Vector512.MultiplyAddEstimate(i, x, y);
            j = Vector512.MultiplyAddEstimate(j, x, y);
            k = Vector512.MultiplyAddEstimate(k, x, y);
            l = Vector512.MultiplyAddEstimate(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private static float ReadOnce(ReadOnlySpan<byte> memory)
    {
        Vector512<byte> a = default, b = default, c = default, d = default;
        for (; memory.Length >= 256; memory = memory[256..])
        {
            a ^= Vector512.Create(memory);
            b ^= Vector512.Create(memory[64..]);
            c ^= Vector512.Create(memory[128..]);
            d ^= Vector512.Create(memory[192..]);
        }

        return Vector512.Sum(a ^ b ^ c ^ d);
    }
}
