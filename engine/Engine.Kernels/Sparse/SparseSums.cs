using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Sparse;

/// <summary>
/// Sums of sparse rows: for each target the fp32 sum of weight x value, in the order in which the rows are added: one
/// multiplication, one addition, no fma. Which targets were reached is noted by groups of 16, a byte each, so that an
/// addition decides nothing; -0, the neutral element of fp32 addition (-0 + x is x bit for bit), tells the others of a
/// group apart.
/// </summary>
public sealed unsafe class SparseSums
{
    private const float Nothing = -0f;
    private const int GroupTargets = 16;
    private const int WordGroups = 64;

    /// <summary>With as many groups of a word reached, it is cleared as a whole.</summary>
    private const int ManyGroups = 16;

    private PinnedBuffer<float> _sums = new(0);
    private PinnedBuffer<byte> _groups = new(0);
    private PinnedBuffer<SparseTerm> _terms = new(0);
    private int _termCount = -1;
    private int _size;

    /// <summary>The sum of a target; -0, which adds nothing, if no row reached it.</summary>
    public float this[int ordinal] => _sums.Span[ordinal];

    /// <summary>Targets.</summary>
    public int Size => _size;

    /// <summary>
    /// The sum of each target, and -0 past the last one to a multiple of 1,024: the neutral element, so that they may
    /// be added without asking which there are. It does not move before <see cref="Clear"/>.
    /// </summary>
    internal float* Pointer => _sums.Pointer;

    /// <summary>Starts over with targets 0 .. <paramref name="size"/> - 1.</summary>
    public void Clear(int size)
    {
        _termCount = -1;
        var words = (size + (GroupTargets * WordGroups) - 1) / (GroupTargets * WordGroups);
        if (_groups.Length < words * WordGroups)
        {
            _groups = new(words * WordGroups, isLasting: true);
            _sums = new(words * WordGroups * GroupTargets, isLasting: true);
            _sums.Span.Fill(Nothing);
        }
        else
        {
            for (var word = 0; word < _groups.Length / WordGroups; word++)
            {
                ClearWord(word, Reached(word));
            }
        }

        _size = size;
    }

    /// <summary>Adds <paramref name="weight"/> x each value of the row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column of the row is no target.</exception>
    public void Add(float weight, SparseRow row)
    {
        Check(row);
        _termCount = -1;
        fixed (int* indices = row.Indices)
        fixed (float* values = row.Values)
        {
            Add(_sums.Pointer, _groups.Pointer, weight, indices, values, row.Count);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Starts over with targets 0 .. <paramref name="size"/> - 1 and these sums.</summary>
    /// <param name="size">Targets.</param>
    /// <param name="terms">Ordinals below the size, each at most once.</param>
    internal void Set(int size, ReadOnlySpan<SparseTerm> terms)
    {
        Clear(size);
        foreach (var term in terms)
        {
            _groups.Span[term.Ordinal / GroupTargets] = 1;
            _sums.Span[term.Ordinal] = term.Addend;
        }
    }

    /// <summary>Adds the row's own values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column of the row is no target.</exception>
    public void Add(SparseRow row) => Add(1, row);

    /// <summary>
    /// The targets that were reached and their sums, by ascending ordinal. Valid until they change.
    /// </summary>
    public ReadOnlySpan<SparseTerm> Terms()
    {
        if (_termCount < 0)
        {
            _termCount = CollectTerms();
        }

        return _terms.Span[.._termCount];
    }

    private int CollectTerms()
    {
        var count = 0;
        for (var word = 0; word < _groups.Length / WordGroups; word++)
        {
            var groups = Reached(word);
            // Room for all targets of these groups, also past the last one that is written.
            var needed = count + (BitOperations.PopCount(groups) * GroupTargets);
            if (_terms.Length < needed)
            {
                GrowTerms(count, needed);
            }

            for (; groups != 0; groups &= groups - 1)
            {
                var first = ((word * WordGroups) + BitOperations.TrailingZeroCount(groups)) * GroupTargets;
                count += Take(first, _terms.Pointer + count);
            }
        }

        return count;
    }

    private void GrowTerms(int count, int needed)
    {
        var all = _groups.Length * GroupTargets;
        var grown = new PinnedBuffer<SparseTerm>(
            Math.Min(all, Math.Max(needed, 2 * _terms.Length)), isLasting: true);
        _terms.Span[..count].CopyTo(grown.Span);
        _terms = grown;
    }

    /// <summary>
    /// A method of its own: a weight that lives across a call would be written and read again with each addition.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(float* sums, byte* groups, float weight, int* indices, float* values, int count)
    {
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            // Columns are distinct: four additions at a time change nothing but the counting of the loop.
            int a = indices[i], b = indices[i + 1], c = indices[i + 2], d = indices[i + 3];
            groups[a >>> 4] = 1;
            sums[a] += weight * values[i];
            groups[b >>> 4] = 1;
            sums[b] += weight * values[i + 1];
            groups[c >>> 4] = 1;
            sums[c] += weight * values[i + 2];
            groups[d >>> 4] = 1;
            sums[d] += weight * values[i + 3];
        }

        for (; i < count; i++)
        {
            var target = indices[i];
            groups[target >>> 4] = 1;
            sums[target] += weight * values[i];
        }
    }

    private void ClearWord(int word, ulong groups)
    {
        if (BitOperations.PopCount(groups) >= ManyGroups)
        {
            var first = word * WordGroups;
            new Span<float>(_sums.Pointer + (first * GroupTargets), WordGroups * GroupTargets).Fill(Nothing);
            Vector512<byte>.Zero.Store(_groups.Pointer + first);
            return;
        }

        for (; groups != 0; groups &= groups - 1)
        {
            var group = (word * WordGroups) + BitOperations.TrailingZeroCount(groups);
            Vector512.Create(Nothing).Store(_sums.Pointer + (group * GroupTargets));
            _groups.Pointer[group] = 0;
        }
    }

    /// <summary>Which of 64 groups of 16 targets were reached.</summary>
    internal ulong Reached(int word) =>
        ~Vector512.Equals(Vector512.Load(_groups.Pointer + (word * WordGroups)), Vector512<byte>.Zero)
            .ExtractMostSignificantBits();

    /// <summary>Writes the terms of a group, and anything after them within 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Take(int first, SparseTerm* terms)
    {
        var sums = Vector512.Load(_sums.Pointer + first).AsInt32();
        var isSum = ~Vector512.Equals(sums, Vector512.Create(int.MinValue));
        if (Avx512F.IsSupported)
        {
            var ordinals =
                Avx512F.Compress(Vector512<int>.Zero, isSum, Vector512.Create(first) + Vector512<int>.Indices);
            sums = Avx512F.Compress(Vector512<int>.Zero, isSum, sums);
            // Pairs of (ordinal, sum): eight, and eight more.
            Avx512F.PermuteVar16x32x2(ordinals, Pairs, sums).Store((int*)terms);
            Avx512F.PermuteVar16x32x2(ordinals, Pairs + Vector512.Create(8), sums).Store((int*)(terms + 8));
            return BitOperations.PopCount(isSum.ExtractMostSignificantBits());
        }

        var count = 0;
        for (var mask = isSum.ExtractMostSignificantBits(); mask != 0; mask &= mask - 1)
        {
            var ordinal = first + BitOperations.TrailingZeroCount(mask);
            terms[count++] = new SparseTerm(ordinal, _sums.Pointer[ordinal]);
        }

        return count;
    }

    private static Vector512<int> Pairs => Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);

    /// <summary>
    /// Columns ascend, so the ends tell of all. A snapshot's rows were verified; this guards memory all the same.
    /// </summary>
    private void Check(SparseRow row)
    {
        if (row.Count > 0 && (row.Values.Length < row.Count || row.Indices[0] < 0 || row.Indices[^1] >= _size))
        {
            throw new ArgumentOutOfRangeException(
                nameof(row),
                InvariantText.Of(
                    $"found columns {row.Indices[0]} to {row.Indices[^1]} with {row.Values.Length} values, "
                    + $"expected columns from 0 to {_size - 1} and a value each"));
        }
    }
}
