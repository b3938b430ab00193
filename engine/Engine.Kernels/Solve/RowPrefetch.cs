using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// The rows of the other side that the next solve reads, to be asked for from memory while this one computes: a table
/// larger than the caches is read at random, and a solve that begins by waiting for its rows waits a third of its time.
/// Changes no result. Scratch of one thread.
/// </summary>
public sealed unsafe class RowPrefetch
{
    // With f = 128 a quarter of a megabyte: beside the scratch of a batch it stays in a second-level cache.
    private const int Most = 512;

    // What a long row reads at first; it looks ahead within itself for the rest.
    private const int MostOfOne = RowSolver.BlockRows;

    private readonly PinnedBuffer<int> _ordinals = new(Most);

    /// <summary>How many rows are known.</summary>
    internal int Count { get; private set; }

    /// <summary>In the order in which they will be read.</summary>
    internal int* Ordinals => _ordinals.Pointer;

    /// <summary>Forgets them.</summary>
    public void Clear() => Count = 0;

    /// <summary>Asks for the list of rows that a solve after the next one reads.</summary>
    /// <param name="later">As <see cref="Take"/>'s.</param>
    public static void Announce(RowBatch later)
    {
        foreach (var row in later.Rows)
        {
            fixed (int* columns = later.Columns.Slice((int)later.Offsets[row], Math.Min(later.Length, MostOfOne)))
            {
                Ask((float*)columns, Math.Min(later.Length, MostOfOne));
            }
        }
    }

    /// <summary>Takes the rows of the next solve, in place of those before.</summary>
    /// <param name="next">Offsets and columns as <see cref="RowBatchSolver"/> takes them.</param>
    public void Take(RowBatch next)
    {
        Count = 0;
        var length = Math.Min(next.Length, next.Rows.Length == 1 ? MostOfOne : Most / next.Rows.Length);
        var count = next.Rows.Length;
        for (var s = 0; s < count; s++)
        {
            var start = (int)next.Offsets[next.Rows[s]];
            var columns = next.Columns.Slice(start, length);
            for (var i = 0; i < length; i++)
            {
                _ordinals.Pointer[(i * count) + s] = columns[i];
            }

            fixed (float* weights = next.Weights.Slice(start, length))
            {
                Ask(weights, length);
            }
        }

        Count = count * length;
    }

    /// <summary>Asks for the cache lines of some floats; the address need not exist.</summary>
    internal static void Ask(float* start, int count)
    {
        if (Sse.IsSupported)
        {
            for (var k = 0; k < count; k += 16)
            {
                Sse.Prefetch0(start + k);
            }
        }
    }
}
