using Engine.Kernels.Memory;

namespace Trainer.Models.Matrices;

/// <summary>
/// Keeps rows of different lengths in few large arrays on huge pages: with one array per row, random reads miss the TLB
/// at nearly every row. One thread appends, any may read.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed class RowStore<T>
    where T : unmanaged
{
    private const int FirstLength = 1 << 14;
    private const int MostLength = 1 << 22;

    private T[] _block = [];
    private int _used;

    /// <summary>Keeps a copy of a row.</summary>
    public ArraySegment<T> Append(ReadOnlySpan<T> row)
    {
        if (_block.Length - _used < row.Length)
        {
            _block = GC.AllocateUninitializedArray<T>(
                Math.Max(row.Length, Math.Clamp(2 * _block.Length, FirstLength, MostLength)));
            HugePages.Ask(_block.AsSpan());
            _used = 0;
        }

        var kept = new ArraySegment<T>(_block, _used, row.Length);
        row.CopyTo(kept);
        _used += row.Length;
        return kept;
    }
}
