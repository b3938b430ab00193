using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Engine.Kernels.Codes;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Search;

/// <summary>The blocks of rows with a sparse part, and which of those rows can score more than a floor.</summary>
/// <param name="codes">The rows.</param>
/// <param name="sums">A target each row; null when no row has a sparse part.</param>
internal readonly unsafe ref struct SparseBlocks(RowCodes codes, SparseSums? sums)
{
    /// <summary>Groups of the sums in a block; a span of blocks is a word of them.</summary>
    private const int BlockGroups = 4;

    /// <summary>More than two floats away, of any normal float; <see cref="Least"/> is of the others.</summary>
    private const float TwoFloats = 3e-7f;

    private const float Least = 1e-40f;

    private readonly float* _addends = sums is null ? null : sums.Pointer;

    /// <summary>Runs of 16 blocks; 0 when no row has a sparse part.</summary>
    public int Spans => sums is null ? 0 : codes.PaddedBlocks / RowCodes.SpanBlocks;

    /// <summary>The blocks of a span that may have such rows, four bits each: see <see cref="TakeFirst"/>.</summary>
    public ulong Blocks(int span) => sums!.Reached(span);

    /// <summary>Takes the first block out of a span's; returns its place in the span.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TakeFirst(ref ulong blocks)
    {
        var first = BitOperations.TrailingZeroCount(blocks) / BlockGroups;
        blocks &= ~(0xFul << (first * BlockGroups));
        return first;
    }

    /// <summary>
    /// The rows of a block with a sparse part whose score can be above <paramref name="floor"/>: all of them when that
    /// is negative infinity.
    /// </summary>
    /// <param name="query">The coded query.</param>
    /// <param name="row">The first row of the block.</param>
    /// <param name="floor">Scores at or below it do not count.</param>
    /// <param name="reached">Receives the rows with a sparse part.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Able(scoped in CodedQuery query, int row, float floor, out ulong reached)
    {
        // The addition of the addend rounds twice, here and in the score: two floats below cover both. No call stands
        // between the vectors, which would be written and read again.
        var cut = Vector512.Create(floor - (MathF.Abs(floor) * TwoFloats) - Least);
        var norm = Vector512.Create(query.Norm);
        var slack = Vector512.Create(query.Slack);
        var norms = codes.Norms + row;
        var a = (norm * Vector512.Load(norms)) + slack;
        var b = (norm * Vector512.Load(norms + 16)) + slack;
        var c = (norm * Vector512.Load(norms + 32)) + slack;
        var d = (norm * Vector512.Load(norms + 48)) + slack;
        for (var rate = 0; rate < query.Rates.Length; rate++)
        {
            var value = Vector512.Create(query.Rates[rate]);
            var rates = codes.Rates(rate) + row;
            a += value * Vector512.Load(rates);
            b += value * Vector512.Load(rates + 16);
            c += value * Vector512.Load(rates + 32);
            d += value * Vector512.Load(rates + 48);
        }

        var addends = _addends + row;
        var able = Above(a, addends, cut, out reached);
        able |= Above(b, addends + 16, cut, out var isSum) << 16;
        reached |= isSum << 16;
        able |= Above(c, addends + 32, cut, out isSum) << 32;
        reached |= isSum << 32;
        able |= Above(d, addends + 48, cut, out isSum) << 48;
        reached |= isSum << 48;
        return float.IsNegativeInfinity(floor) ? reached : able & reached;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Above(Vector512<float> bound, float* addends, Vector512<float> cut, out ulong isSum)
    {
        var added = Vector512.Load(addends);
        isSum = (~Vector512.Equals(added.AsInt32(), Vector512.Create(int.MinValue))).ExtractMostSignificantBits();
        return Vector512.GreaterThan(bound + added, cut).ExtractMostSignificantBits();
    }
}
