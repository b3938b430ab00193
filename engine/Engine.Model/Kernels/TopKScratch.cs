namespace Engine.Model.Kernels;

/// <summary>
/// Working memory of one search at a time. It grows to the largest search seen and then stays: after warm-up a search
/// allocates nothing. Keep one per thread, or rent from a pool.
/// </summary>
public sealed class TopKScratch
{
    private ulong[] _keys = [];

    /// <summary>Memory for <paramref name="count"/> keys; contents undefined.</summary>
    public Span<ulong> Keys(int count)
    {
        if (_keys.Length < count)
        {
            _keys = new ulong[Math.Max(count, 2 * _keys.Length)];
        }

        return _keys.AsSpan(0, count);
    }
}
