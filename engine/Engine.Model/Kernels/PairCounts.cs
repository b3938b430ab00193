using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>
/// One row of the item-item Gram at a time: for a set of users the number who have item i, and the sum of their weights, for
/// every i. Dense counters: one addition an entry and no list of touched items; zeros are skipped 32 at a time.
/// Scratch of one thread.
/// </summary>
public sealed unsafe class PairCounts
{
    // User rows lie anywhere in memory: their first lines are asked for so many users ahead.
    private const int Ahead = 8;
    private const int PrefetchLines = 6;
    private const int LineColumns = 16;
    private const int Skip = 32;

    private readonly long[] _offsets;
    private readonly int[] _columns;
    private readonly float[]? _weights;
    private readonly PinnedBuffer<int> _counts;
    private readonly PinnedBuffer<float>? _sums;
    private readonly int _items;

    /// <param name="offsets">Where each user's items start in the columns; one more for the end.</param>
    /// <param name="columns">The items of all users, 0..items - 1.</param>
    /// <param name="items">Items.</param>
    /// <param name="weights">One weight per user, or null: then all weigh 1 and sums are counts.</param>
    /// <exception cref="ArgumentException">An offset or column outside its range.</exception>
    public PairCounts(long[] offsets, int[] columns, int items, float[]? weights)
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

        if (columns.AsSpan().ContainsAnyExceptInRange(0, items - 1) || (weights is not null && weights.Length < offsets.Length - 1))
        {
            throw new ArgumentException($"expected columns of 0..{items - 1} and a weight for each of {offsets.Length - 1} users");
        }

        (_offsets, _columns, _weights, _items) = (offsets, columns, weights, items);
        var padded = (items + Skip - 1) & ~(Skip - 1);
        _counts = new PinnedBuffer<int>(padded);
        _sums = weights is null ? null : new PinnedBuffer<float>(padded);
    }

    /// <summary>Users of the last <see cref="Collect"/> who have an item.</summary>
    public ReadOnlySpan<int> Counts => _counts.Span[.._items];

    /// <summary>The sum of their weights, in the order of the users.</summary>
    public float Sum(int item) => _sums is null ? _counts.Span[item] : _sums.Span[item];

    /// <summary>Counts the items of some users.</summary>
    public void Collect(ReadOnlySpan<int> users)
    {
        _counts.Span.Clear();
        if (_sums is not null)
        {
            _sums.Span.Clear();
        }

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
                    Count(at, end, _counts.Pointer);
                }
                else
                {
                    Add(at, end, _weights![users[n]], _counts.Pointer, _sums.Pointer);
                }
            }
        }
    }

    /// <summary>
    /// Items with n >= 1 users and <c>Sum(i) scale[i] n / (n + shrinkage) >= threshold</c> in fp32, within a few roundings.
    /// </summary>
    /// <param name="scale">One factor per item, padded as <see cref="PaddedCount"/> says.</param>
    /// <param name="shrinkage">At least 0.</param>
    /// <param name="threshold">The least strength.</param>
    /// <param name="position">Where to go on: 0 at first; <see cref="PaddedCount"/> when all items are seen.</param>
    /// <param name="found">Receives the items, ascending; room for at least 32.</param>
    /// <returns>How many were found before the room ran out.</returns>
    public int FindAbove(ReadOnlySpan<float> scale, float shrinkage, float threshold, ref int position, Span<int> found)
    {
        if (scale.Length < _counts.Length || found.Length < Skip)
        {
            throw new ArgumentException($"{scale.Length} scales, room for {found.Length}: expected {_counts.Length} and {Skip}");
        }

        var count = 0;
        fixed (float* scales = scale)
        {
            for (; position < _counts.Length && count <= found.Length - Skip; position += Skip)
            {
                if (!AllZero(_counts.Pointer + position))
                {
                    for (var at = position; at < position + Skip; at += 8)
                    {
                        for (var bits = Passing(at, scales, shrinkage, threshold); bits != 0; bits &= bits - 1)
                        {
                            found[count++] = at + BitOperations.TrailingZeroCount(bits);
                        }
                    }
                }
            }
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Passing(int at, float* scales, float shrinkage, float threshold)
    {
        var count = Vector256.Load(_counts.Pointer + at);
        var users = Vector256.ConvertToSingle(count);
        var value = (_sums is null ? users : Vector256.Load(_sums.Pointer + at)) * Vector256.Load(scales + at);
        var least = Vector256.Create(threshold);
        var some = Vector256.GreaterThan(count, Vector256<int>.Zero);
        var passes = Vector256.GreaterThanOrEqual(value, least).AsInt32() & some;
        if (shrinkage > 0 && passes != Vector256<int>.Zero)
        {
            value *= users / (users + Vector256.Create(shrinkage));
            passes = Vector256.GreaterThanOrEqual(value, least).AsInt32() & some;
        }

        return passes.ExtractMostSignificantBits();
    }

    /// <summary>Items up to the next multiple of what is skipped at once.</summary>
    public int PaddedCount => _counts.Length;

    private static bool AllZero(int* counts) =>
        (Vector256.Load(counts) | Vector256.Load(counts + 8) | Vector256.Load(counts + 16) | Vector256.Load(counts + 24))
        == Vector256<int>.Zero;

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
    private static void Count(int* at, int* end, int* counts)
    {
        for (; at < end; at++)
        {
            counts[*at]++;
        }
    }

    private static void Add(int* at, int* end, float weight, int* counts, float* sums)
    {
        for (; at < end; at++)
        {
            counts[*at]++;
            sums[*at] += weight;
        }
    }
}
