using System.Diagnostics;
using System.Runtime.Intrinsics;
using Engine.Kernels.Memory;

namespace Bench;

/// <summary>What this machine can do at this moment; every figure is printed beside one of these.</summary>
internal static class MachineLimits
{
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

    /// <summary>One plain read of <paramref name="memory"/> by so many threads.</summary>
    public static void Read(PinnedBuffer<byte> memory, int threads)
    {
        var part = memory.Length / threads / 256 * 256;
        if (threads == 1)
        {
            Sink += ReadOnce(memory.Span);
            return;
        }

        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            Parts[thread & 63] += ReadOnce(memory.Span.Slice(thread * part, part));
        });
    }

    /// <summary>
    /// GB/s of reading rows of a table in random order, best of three tries: what a gather of rows can reach.
    /// </summary>
    public static double RandomRowGigabytes(int rows, int rowFloats, int threads)
    {
        const int Reads = 1 << 20;
        var table = new float[rows * (long)rowFloats];
        HugePages.Ask(table.AsSpan());
        table.AsSpan().Fill(1);
        double best = 0;
        for (var round = 0; round < 3; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                var (sum, state) = (Vector512<float>.Zero, (ulong)thread);
                for (var n = 0; n < Reads; n++)
                {
                    state = (state * 6364136223846793005) + 1442695040888963407;
                    var row = table.AsSpan((int)((state >> 32) * (ulong)rows >> 32) * rowFloats, rowFloats);
                    for (var k = 0; k < rowFloats; k += Vector512<float>.Count)
                    {
                        sum += Vector512.Create(row[k..]);
                    }
                }

                Parts[thread & 63] += sum[0];
            });
            best = Math.Max(
                best,
                (double)threads * Reads * rowFloats * sizeof(float) / Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        return best;
    }

    /// <summary>
    /// Seconds of processor time that this process has used, all threads together: what a busy machine cannot stretch.
    /// </summary>
    public static double ProcessorSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Keeps results alive.</summary>
    public static float Sink { get; private set; }

    private static readonly float[] Parts = new float[64];

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
