using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>
/// One row of the item-item Gram at a time: for a set of users the number who have item i, and the sum of their weights, for
/// every i. Dense counters of 16 bits, so that those of popular items stay in the first-level cache when popular items have
/// low numbers; a set of more than 65,535 users is counted in parts and added up. Scratch of one thread.
/// </summary>
/// <remarks>
/// <see cref="FindAbove"/> turns the threshold into the least count (or sum) that any item of a block can pass with, so that
/// nearly all blocks cost one comparison a vector; with items in the order of popularity the bound is tight.
/// </remarks>
public sealed unsafe class PairCounts
{
    /// <summary>Items that share one bound; the least room of <see cref="FindAbove"/>.</summary>
    public const int Block = 512;

    // User rows lie anywhere in memory: their first lines are asked for so many users ahead.
    private const int Ahead = 8;
    private const int PrefetchLines = 6;
    private const int LineColumns = 16;

    // The bound is in fp64, the sums and the threshold were rounded to fp32.
    private const double Slack = 1 - 1e-6;

    private readonly long[] _offsets;
    private readonly int[] _columns;
    private readonly float[]? _weights;
    private readonly float[] _scale;
    private readonly float[] _blockScale;
    private readonly float _shrinkage;
    private readonly PinnedBuffer<ushort> _counts;
    private readonly PinnedBuffer<float>? _sums;
    private readonly int _items;
    private PinnedBuffer<int>? _wide;
    private bool _isWide;

    /// <param name="offsets">Where each user's items start in the columns; one more for the end.</param>
    /// <param name="columns">The items of all users, 0..items - 1, at most once a user.</param>
    /// <param name="weights">One weight of at least 0 per user, or null: then all weigh 1 and sums are counts.</param>
    /// <param name="scale">One factor of at least 0 per item, for <see cref="FindAbove"/>.</param>
    /// <param name="shrinkage">Users of doubt, at least 0, for <see cref="FindAbove"/>.</param>
    /// <exception cref="ArgumentException">An offset or column outside its range.</exception>
    public PairCounts(long[] offsets, int[] columns, float[]? weights, float[] scale, float shrinkage)
    {
        var last = 0L;
        foreach (var offset in offsets)
        {
            if (offset < last || offset > columns.Length)
            {
                throw new ArgumentException($"offset {offset} after {last}: expected ascending offsets up to {columns.Length}");
            }

            last = offset;
        }

        if (columns.AsSpan().ContainsAnyExceptInRange(0, scale.Length - 1) || (weights is not null && weights.Length < offsets.Length - 1))
        {
            throw new ArgumentException($"expected columns of 0..{scale.Length - 1} and a weight for each of {offsets.Length - 1} users");
        }

        (_offsets, _columns, _weights, _scale, _shrinkage, _items) = (offsets, columns, weights, scale, shrinkage, scale.Length);
        PaddedCount = (_items + Block - 1) & ~(Block - 1);
        _counts = new PinnedBuffer<ushort>(PaddedCount);
        _sums = weights is null ? null : new PinnedBuffer<float>(PaddedCount);
        _blockScale = new float[PaddedCount / Block];
        for (var item = 0; item < _items; item++)
        {
            _blockScale[item / Block] = Math.Max(_blockScale[item / Block], scale[item]);
        }
    }

    /// <summary>Items up to the next multiple of <see cref="Block"/>.</summary>
    public int PaddedCount { get; }

    /// <summary>Users of the last <see cref="Collect"/> who have an item.</summary>
    public int Count(int item) => _isWide ? _wide!.Span[item] : _counts.Span[item];

    /// <summary>The sum of their weights, in the order of the users.</summary>
    public float Sum(int item) => _sums is null ? Count(item) : _sums.Span[item];

    /// <summary>Counts the items of some users.</summary>
    public void Collect(ReadOnlySpan<int> users)
    {
        _counts.Span.Clear();
        _sums?.Span.Clear();
        _isWide = users.Length > ushort.MaxValue;
        if (!_isWide)
        {
            Add(users);
            return;
        }

        _wide ??= new PinnedBuffer<int>(PaddedCount);
        _wide.Span.Clear();
        for (var start = 0; start < users.Length; start += ushort.MaxValue)
        {
            Add(users[start..Math.Min(users.Length, start + ushort.MaxValue)]);
            for (var item = 0; item < _items; item++)
            {
                _wide.Pointer[item] += _counts.Pointer[item];
            }

            _counts.Span.Clear();
        }
    }

    /// <summary>
    /// Items with n >= 1 users and a value <c>Sum(i) scale[i] n / (n + shrinkage)</c> above 0 and of at least the threshold,
    /// within a few roundings of fp32.
    /// </summary>
    /// <param name="threshold">The least value.</param>
    /// <param name="position">Where to go on: 0 at first; <see cref="PaddedCount"/> when all items are seen.</param>
    /// <param name="found">Receives the items, ascending; room for at least <see cref="Block"/>.</param>
    /// <returns>How many were found before the room ran out.</returns>
    public int FindAbove(double threshold, ref int position, Span<int> found)
    {
        if (found.Length < Block)
        {
            throw new ArgumentException($"room for {found.Length}: expected {Block}");
        }

        var count = 0;
        for (; position < PaddedCount && count <= found.Length - Block; position += Block)
        {
            var quotient = threshold * Slack / _blockScale[position / Block];
            if (double.IsNaN(quotient) || quotient == double.PositiveInfinity)
            {
                continue; // The scales are 0.
            }

            count += _sums is not null ? Find(_sums.Pointer, Math.Max((float)quotient, float.Epsilon), position, threshold, found[count..])
                : LeastCount(quotient) is not (<= int.MaxValue and var least) ? 0
                : _isWide ? Find(_wide!.Pointer, (int)least, position, threshold, found[count..])
                : least <= ushort.MaxValue ? Find(_counts.Pointer, (ushort)least, position, threshold, found[count..])
                : 0;
        }

        return count;
    }

    // The least n >= 1 with n^2 / (n + shrinkage) >= quotient.
    private double LeastCount(double quotient) => quotient <= 1 / (1 + _shrinkage)
        ? 1
        : Math.Ceiling((quotient + Math.Sqrt((quotient * quotient) + (4 * quotient * _shrinkage))) / 2 * Slack);

    private int Find<T>(T* values, T least, int first, double threshold, Span<int> found)
        where T : unmanaged
    {
        var count = 0;
        var bound = Vector512.Create(least);
        for (var at = first; at < first + Block; at += Vector512<T>.Count)
        {
            for (var bits = Vector512.GreaterThanOrEqual(Vector512.Load(values + at), bound).ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                var item = at + BitOperations.TrailingZeroCount(bits);
                if (Passes(item, threshold))
                {
                    found[count++] = item;
                }
            }
        }

        return count;
    }

    private bool Passes(int item, double threshold)
    {
        var value = (double)Sum(item) * _scale[item];
        return value > 0 && (_shrinkage > 0 ? value * Count(item) / (Count(item) + _shrinkage) : value) >= threshold;
    }

    private void Add(ReadOnlySpan<int> users)
    {
        fixed (int* columns = _columns)
        {
            for (var n = 0; n < users.Length; n++)
            {
                if (Sse.IsSupported && n + Ahead < users.Length)
                {
                    Prefetch(columns + _offsets[users[n + Ahead]], columns + _offsets[users[n + Ahead] + 1]);
                }

                int* at = columns + _offsets[users[n]], end = columns + _offsets[users[n] + 1];
                if (_sums is null)
                {
                    Increment(at, end, _counts.Pointer);
                }
                else
                {
                    Increment(at, end, _weights![users[n]], _counts.Pointer, _sums.Pointer);
                }
            }
        }
    }

    // The processor finds the rest of a long row by itself.
    private static void Prefetch(int* at, int* end)
    {
        end = end - at < LineColumns * PrefetchLines ? end : at + (LineColumns * PrefetchLines);
        for (; at < end; at += LineColumns)
        {
            Sse.Prefetch0(at);
        }
    }

    // Apart, so that the loops keep their pointers in registers.
    private static void Increment(int* at, int* end, ushort* counts)
    {
        for (; at + 4 <= end; at += 4)
        {
            counts[at[0]]++;
            counts[at[1]]++;
            counts[at[2]]++;
            counts[at[3]]++;
        }

        for (; at < end; at++)
        {
            counts[*at]++;
        }
    }

    private static void Increment(int* at, int* end, float weight, ushort* counts, float* sums)
    {
        for (; at < end; at++)
        {
            counts[*at]++;
            sums[*at] += weight;
        }
    }
}
