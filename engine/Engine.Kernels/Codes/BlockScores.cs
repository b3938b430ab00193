using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Codes;

/// <summary>Approximate scores of the 64 rows of a block, from all their codes, with their proven error.</summary>
internal static unsafe class BlockScores
{
    /// <summary>Writes s t (q.c) plus the rate columns' part for each row; rows past the end get some number.</summary>
    /// <param name="codes">The rows.</param>
    /// <param name="query">The coded query.</param>
    /// <param name="block">The block.</param>
    /// <param name="scores">Receives 64 scores.</param>
    [SkipLocalsInit]
    public static void Compute(RowCodes codes, scoped in CodedQuery query, int block, float* scores)
    {
        var sums = stackalloc short[RowCodes.BlockRows];
        new Span<short>(sums, RowCodes.BlockRows).Fill(query.Stages[^1].Offset);
        ColumnDots.Add(codes.Block(block), query.Pairs, query.PairCount, sums);
        var scale = Vector512.Create(codes.BlockScales[block]) * Vector512.Create(query.Scale);
        var row = block * RowCodes.BlockRows;
        for (var part = 0; part < RowCodes.BlockRows; part += 32)
        {
            var (low, high) = Vector512.Widen(Vector512.Load(sums + part));
            Finish(codes, query, low, scale, row + part).Store(scores + part);
            Finish(codes, query, high, scale, row + part + 16).Store(scores + part + 16);
        }
    }

    /// <summary>How far an approximate score in the block can be from the canonical one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Error(RowCodes codes, scoped in CodedQuery query, int block) =>
        (query.NormError * codes.BlockNorms[block]) + (query.ResidualError * codes.BlockResiduals[block]) + query.Slack;

    /// <summary>
    /// The rows whose score, raised by <paramref name="error"/>, can be above <paramref name="floor"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Above(float* scores, float floor, float error)
    {
        // One float below: the subtraction may round up.
        var cut = Vector512.Create(MathF.BitDecrement(floor - error));
        ulong above = 0;
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            above |= Vector512.GreaterThan(Vector512.Load(scores + part), cut).ExtractMostSignificantBits() << part;
        }

        return above;
    }

    /// <summary>
    /// Scores of 16 rows from <paramref name="row"/> on, from their sums and the scale of block and query.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Finish(
        RowCodes codes, scoped in CodedQuery query, Vector512<int> dots, Vector512<float> scale, int row)
    {
        var score = Vector512.ConvertToSingle(dots) * scale;
        for (var rate = 0; rate < query.Rates.Length; rate++)
        {
            score += Vector512.Create(query.Rates[rate]) * Vector512.Load(codes.Rates(rate) + row);
        }

        return score;
    }
}
