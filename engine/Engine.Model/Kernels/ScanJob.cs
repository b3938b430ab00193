namespace Engine.Model.Kernels;

/// <summary>What the threads of one scan share: fixed memory of the question, and the next run of blocks to take.</summary>
internal sealed unsafe class ScanJob(float* vector, int length, ulong* eligible, ulong* marked)
{
    /// <summary>Blocks taken at a time: 4,096 rows, about 256 KB of codes at 64 columns.</summary>
    public const int RunBlocks = 64;

    private int _next;

    /// <summary>The query.</summary>
    public ReadOnlySpan<float> Vector => new(vector, length);

    /// <summary>Takes the next run; its first block may be past the end.</summary>
    public int Take() => Interlocked.Add(ref _next, RunBlocks) - RunBlocks;

    /// <summary>The rows of a block that may be returned and have no sparse part.</summary>
    public ulong Rows(RowCodes codes, int block)
    {
        var rest = codes.Rows.Rows - (block * RowCodes.BlockRows);
        var all = rest >= RowCodes.BlockRows ? ulong.MaxValue : (1ul << rest) - 1;
        return (eligible == null ? all : eligible[block]) & ~marked[block];
    }
}
