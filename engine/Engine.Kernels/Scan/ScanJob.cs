using Engine.Kernels.Codes;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Scan;

/// <summary>
/// What the threads of one scan share: fixed memory of the question, the next run of blocks, the highest floor.
/// </summary>
internal sealed unsafe class ScanJob(
    float* vector,
    int length,
    ulong* eligible,
    ulong* marked,
    SparseTerm* terms,
    int termCount,
    CancellationToken cancellation)
{
    /// <summary>Blocks taken at a time: 4,096 rows, about 256 KB of codes at 64 columns.</summary>
    public const int RunBlocks = 64;

    private int _next;
    private float _floor = float.NegativeInfinity;

    /// <summary>The query.</summary>
    public ReadOnlySpan<float> Vector => new(vector, length);

    /// <summary>The sparse part, by ascending row.</summary>
    public ReadOnlySpan<SparseTerm> Terms => new(terms, termCount);

    /// <summary>At least K rows score at least this much: what any thread has found serves all.</summary>
    public float Floor => Volatile.Read(ref _floor);

    /// <summary>Threads take no more runs; the caller cleans up and throws.</summary>
    public bool IsCanceled => cancellation.IsCancellationRequested;

    /// <summary>Takes the next run; its first block may be past the end.</summary>
    public int Take() => Interlocked.Add(ref _next, RunBlocks) - RunBlocks;

    /// <summary>Raises <see cref="Floor"/>.</summary>
    public void Raise(float floor)
    {
        for (var seen = Floor; seen < floor;)
        {
            var found = Interlocked.CompareExchange(ref _floor, floor, seen);
            if (found.Equals(seen))
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>The rows of a block that may be returned.</summary>
    public ulong Rows(RowCodes codes, int block)
    {
        var rest = codes.Rows.Rows - (block * RowCodes.BlockRows);
        var rows = rest >= RowCodes.BlockRows ? ulong.MaxValue : (1ul << rest) - 1;
        rows = eligible == null ? rows : eligible[block];
        return marked == null ? rows : rows & ~marked[block];
    }
}
