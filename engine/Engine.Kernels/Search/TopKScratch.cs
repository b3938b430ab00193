using Engine.Kernels.Arithmetic;
using Engine.Kernels.Codes;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Search;

/// <summary>
/// Working memory of one search at a time. It grows to the largest search seen and then stays: after warm-up a search
/// allocates nothing. Keep one per thread, or rent from a pool.
/// </summary>
public sealed class TopKScratch
{
    private ulong[] _keys = [];
    private ulong[] _spare = [];
    private ulong[] _marks = [];
    private QueryMemory _query = new(64);
    private SparseTerm[] _terms = [];
    private int[] _ordinals = [];
    private float[] _floats = [];
    private int[] _counts = [];
    private SparseSums? _sums;

    /// <summary>Memory for <paramref name="count"/> keys; contents undefined.</summary>
    public Span<ulong> Keys(int count) => Take(ref _keys, count);

    /// <summary>As many keys again, for sorting; contents undefined.</summary>
    internal Span<ulong> SpareKeys(int count) => Take(ref _spare, count);

    /// <summary>A bitset of zeros; whoever sets bits clears them again before the search ends.</summary>
    internal Span<ulong> Marks(int words) => Take(ref _marks, words);

    /// <summary>Memory for a coded query; contents undefined.</summary>
    internal QueryMemory Query(int columns) => _query.Columns >= columns ? _query : _query = new(columns);

    /// <summary>Memory for sparse terms; contents undefined.</summary>
    internal Span<SparseTerm> Terms(int count) => Take(ref _terms, count);

    /// <summary>The sums of sparse terms; null when there are none.</summary>
    internal SparseSums? Sums(ReadOnlySpan<SparseTerm> terms, int rows)
    {
        if (terms.IsEmpty)
        {
            return null;
        }

        (_sums ??= new SparseSums()).Set(rows, terms);
        return _sums;
    }

    /// <summary>Memory for ordinals; contents undefined.</summary>
    internal Span<int> Ordinals(int count) => Take(ref _ordinals, count);

    /// <summary>Memory for floats; contents undefined.</summary>
    internal Span<float> Floats(int count) => Take(ref _floats, count);

    /// <summary>
    /// Memory for a <see cref="RadixSort"/> or a selection by <see cref="KthLargest"/>; contents undefined.
    /// </summary>
    internal Span<int> Counts() => Take(ref _counts, RadixSort.Counts);

    private static Span<T> Take<T>(ref T[] array, int count)
    {
        if (array.Length < count)
        {
            array = new T[Math.Max(count, 2 * array.Length)];
        }

        return array.AsSpan(0, count);
    }
}
