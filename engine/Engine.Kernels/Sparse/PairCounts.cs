using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Sparse;

/// <summary>
/// One row of the item-item Gram at a time: for a set of users the number who have item i, and the sum of their
/// weights, for every i. Dense counters of 16 bits, so that those of popular items stay in the first-level cache when
/// popular items have low numbers; a set of more than 65,535 users is counted in parts and added up. Scratch of one
/// thread.
/// </summary>
/// <remarks>
/// <see cref="FindAbove"/> turns the threshold into the least count (or sum) that any item of a block can pass with, so
/// that nearly all blocks cost one comparison a vector; with items in the order of popularity the bound is tight.
/// </remarks>
public sealed unsafe class PairCounts
{
    /// <summary>Items that share one bound; the least room of <see cref="FindAbove"/>.</summary>
    public const int Block = 512;

    // User rows lie anywhere in memory: their first lines are asked for so many users ahead, and where they start
    // before that.
    private const int PrefetchDistance = 8;
    private const int OffsetPrefetchDistance = 24;
    private const int PrefetchLines = 6;
    private const int LineColumns = 16;

    // A set of at most one user in so many items touches so few of them that they are listed instead of all being
    // looked at.
    private const int ItemsPerUser = 1024;

    // The bound is in fp64, the sums and the threshold were rounded to fp32.
    private const double Slack = 1 - 1e-6;

    private readonly long[] _offsets;
    private readonly int[] _columns;
    private readonly float[]? _weights;
    private readonly PinnedBuffer<float> _scale;
    private readonly float[] _blockScale;
    private readonly float _shrinkage;
    private readonly PinnedBuffer<ushort> _counts;
    private readonly PinnedBuffer<float>? _sums;
    private readonly int _items;
    private PinnedBuffer<int>? _wide;
    private readonly PinnedBuffer<int> _touched;
    private int _touchedCount;
    private readonly bool _sumsAlone;
    private bool _isWide;
    private bool _isSparse;

    /// <param name="offsets">Where each user's items start in the columns; one more for the end.</param>
    /// <param name="columns">The items of all users, 0..items - 1, at most once a user.</param>
    /// <param name="weights">One weight of at least 0 per user, or null: then all weigh 1 and sums are counts.</param>
    /// <param name="scale">One factor of at least 0 per item, for <see cref="FindAbove"/>.</param>
    /// <param name="shrinkage">Users of doubt, at least 0, for <see cref="FindAbove"/>.</param>
    /// <param name="sumsAlone">Whether nobody asks for counts, which then are 0 and cost nothing.</param>
    /// <exception cref="ArgumentException">
    /// An offset or column outside its range, or sums alone without weights or with shrinkage.
    /// </exception>
    public PairCounts(
        long[] offsets, int[] columns, float[]? weights, float[] scale, float shrinkage, bool sumsAlone = false)
    {
        var last = 0L;
        foreach (var offset in offsets)
        {
            if (offset < last || offset > columns.Length)
            {
                throw new ArgumentException(
                    InvariantText.Of(
                        $"offset {offset} after {last}: expected ascending offsets up to {columns.Length}"));
            }

            last = offset;
        }

        if (columns.AsSpan().ContainsAnyExceptInRange(0, scale.Length - 1)
            || (weights is not null && weights.Length < offsets.Length - 1))
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"expected columns of 0..{scale.Length - 1} and a weight for each of {offsets.Length - 1} users"));
        }

        if (sumsAlone && (weights is null || shrinkage != 0))
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"sums alone with {(weights is null ? "no weights" : $"a shrinkage of {shrinkage}")}: "
                    + $"expected weights and no shrinkage"));
        }

        (_offsets, _columns, _weights, _shrinkage, _items, _sumsAlone) =
            (offsets, columns, weights, shrinkage, scale.Length, sumsAlone);
        PaddedCount = (_items + Block - 1) & ~(Block - 1);
        _touched = new PinnedBuffer<int>(PaddedCount + 1);
        _scale = new PinnedBuffer<float>(PaddedCount);
        scale.CopyTo(_scale.Span);
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

    /// <summary>Users of the last <see cref="Collect"/> who have an item; 0 with sums alone.</summary>
    public int Count(int item) => _isWide ? _wide!.Span[item] : _counts.Span[item];

    /// <summary>The sum of their weights, in the order of the users.</summary>
    public float Sum(int item) => _sums is null ? Count(item) : _sums.Span[item];

    /// <summary>Counts the items of some users.</summary>
    public void Collect(ReadOnlySpan<int> users)
    {
        Clear();
        _isWide = users.Length > ushort.MaxValue && !_sumsAlone;
        _isSparse = (long)users.Length * ItemsPerUser <= PaddedCount;
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
    /// Items with n >= 1 users and a value <c>Sum(i) scale[i] n / (n + shrinkage)</c> above 0 and of at least the
    /// threshold, within a few roundings of fp32.
    /// </summary>
    /// <param name="threshold">The least value.</param>
    /// <param name="position">Where to go on: 0 at first; <see cref="PaddedCount"/> when all items are seen.</param>
    /// <param name="found">Receives the items, in no particular order; room for at least <see cref="Block"/>.</param>
    /// <returns>How many were found before the room ran out.</returns>
    public int FindAbove(double threshold, ref int position, Span<int> found)
    {
        if (found.Length < Block)
        {
            throw new ArgumentException($"room for {found.Length}: expected {Block}");
        }

        if (_isSparse)
        {
            return FindTouched(threshold, ref position, found);
        }

        var count = 0;
        for (; position < PaddedCount && count <= found.Length - Block; position += Block)
        {
            var quotient = threshold * Slack / _blockScale[position / Block];
            if (double.IsNaN(quotient) || quotient == double.PositiveInfinity)
            {
                continue; // The scales are 0.
            }

            count += _sums is not null ? Find(
                _sums.Pointer, Math.Max((float)quotient, float.Epsilon), position, threshold, found[count..])
                : LeastCount(quotient) is not (<= int.MaxValue and var least) ? 0
                : _isWide ? Find(_wide!.Pointer, (int)least, position, threshold, found[count..])
                : least <= ushort.MaxValue ? Find(_counts.Pointer, (ushort)least, position, threshold, found[count..])
                : 0;
        }

        return count;
    }

    private int FindTouched(double threshold, ref int position, Span<int> found)
    {
        var lowest = Math.Max((float)(threshold * Slack), float.Epsilon);
        var count = 0;
        for (; position < _touchedCount && count < found.Length; position++)
        {
            var item = _touched.Pointer[position];
            var value = (_sums is null ? _counts.Pointer[item] : _sums.Pointer[item]) * _scale.Pointer[item];
            found[count] = item;
            count += (_shrinkage == 0
                ? value
                : value * (_counts.Pointer[item] / (_counts.Pointer[item] + _shrinkage))) >= lowest
                ? 1
                : 0;
        }

        position = position < _touchedCount ? position : PaddedCount;
        return count;
    }

    private void Clear()
    {
        if (!_isSparse)
        {
            _sums?.Span.Clear();
            if (!_sumsAlone)
            {
                _counts.Span.Clear();
            }
        }

        for (var n = 0; n < _touchedCount; n++)
        {
            var item = _touched.Pointer[n];
            _counts.Pointer[item] = 0;
            if (_sums is not null)
            {
                _sums.Pointer[item] = 0;
            }
        }

        _touchedCount = 0;
    }

    // The least n >= 1 with n^2 / (n + shrinkage) >= quotient.
    private double LeastCount(double quotient) => quotient <= 1 / (1 + _shrinkage)
        ? 1
        : Math.Ceiling((quotient + Math.Sqrt((quotient * quotient) + (4 * quotient * _shrinkage))) / 2 * Slack);

    // Items whose count (or sum) reaches the bound of the block, then those of them whose value reaches the threshold.
    private int Find<T>(T* values, T least, int first, double threshold, Span<int> found)
        where T : unmanaged
    {
        var count = 0;
        var bound = Vector512.Create(least);
        var lowest = Vector512.Create(Math.Max((float)(threshold * Slack), float.Epsilon));
        for (var at = first; at < first + Block; at += Vector512<T>.Count)
        {
            if (!Vector512.GreaterThanOrEqualAny(Vector512.Load(values + at), bound))
            {
                continue;
            }

            for (var part = at; part < at + Vector512<T>.Count; part += Vector512<float>.Count)
            {
                for (var bits = Vector512.GreaterThanOrEqual(Values(part), lowest).ExtractMostSignificantBits();
                    bits != 0;
                    bits &= bits - 1)
                {
                    found[count++] = part + BitOperations.TrailingZeroCount(bits);
                }
            }
        }

        return count;
    }

    // Sum scale n / (n + shrinkage) of 16 items; an item without users has 0, or NaN, which reaches nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Values(int at)
    {
        var scale = Vector512.Load(_scale.Pointer + at);
        if (_sums is not null && _shrinkage == 0)
        {
            return Vector512.Load(_sums.Pointer + at) * scale;
        }

        var counts = Vector512.ConvertToSingle(_isWide
            ? Vector512.Load(_wide!.Pointer + at)
            : Vector512.Create(
                Vector256.WidenLower(Vector256.Load(_counts.Pointer + at)),
                Vector256.WidenUpper(Vector256.Load(_counts.Pointer + at)))
                .AsInt32());
        var values = (_sums is null ? counts : Vector512.Load(_sums.Pointer + at)) * scale;
        return _shrinkage == 0 ? values : values * (counts / (counts + Vector512.Create(_shrinkage)));
    }

    private void Add(ReadOnlySpan<int> users)
    {
        fixed (int* columns = _columns)
        fixed (long* offsets = _offsets)
        {
            for (var n = 0; n < users.Length; n++)
            {
                if (Sse.IsSupported && n + OffsetPrefetchDistance < users.Length)
                {
                    Sse.Prefetch0(offsets + users[n + OffsetPrefetchDistance]);
                }

                if (Sse.IsSupported && n + PrefetchDistance < users.Length)
                {
                    Prefetch(
                        columns + offsets[users[n + PrefetchDistance]],
                        columns + offsets[users[n + PrefetchDistance] + 1]);
                }

                int* at = columns + offsets[users[n]], end = columns + offsets[users[n] + 1];
                var weight = _weights is null ? 1 : _weights[users[n]];
                if (_sumsAlone && weight == 0)
                {
                    continue; // Would leave no mark of where it was.
                }

                if (_isSparse)
                {
                    _touchedCount = _sumsAlone
                        ? Touch(at, end, (uint*)_sums!.Pointer, _touched.Pointer, _touchedCount)
                        : Touch(at, end, _counts.Pointer, _touched.Pointer, _touchedCount);
                }

                if (_sums is null)
                {
                    Increment(at, end, _counts.Pointer);
                }
                else if (_sumsAlone)
                {
                    Increment(at, end, weight, _sums.Pointer);
                }
                else
                {
                    Increment(at, end, weight, _counts.Pointer, _sums.Pointer);
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

    // Notes the items that have nothing yet; no branch, since nobody could guess it.
    private static int Touch<T>(int* at, int* end, T* values, int* touched, int count)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (; at < end; at++)
        {
            touched[count] = *at;
            count += T.IsZero(values[*at]) ? 1 : 0;
        }

        return count;
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

    private static void Increment(int* at, int* end, float weight, float* sums)
    {
        for (; at + 4 <= end; at += 4)
        {
            sums[at[0]] += weight;
            sums[at[1]] += weight;
            sums[at[2]] += weight;
            sums[at[3]] += weight;
        }

        for (; at < end; at++)
        {
            sums[*at] += weight;
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
