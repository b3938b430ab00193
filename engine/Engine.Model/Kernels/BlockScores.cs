using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>Approximate scores of the 64 rows of a block, from codes, with their proven error.</summary>
internal static unsafe class BlockScores
{
    /// <summary>Writes s t (q.c) plus the rate columns' part for each row; rows past the end get some number.</summary>
    /// <param name="codes">The rows.</param>
    /// <param name="query">The coded query.</param>
    /// <param name="quads">The query's codes, fixed.</param>
    /// <param name="block">The block.</param>
    /// <param name="scores">Receives 64 scores.</param>
    [SkipLocalsInit]
    public static void Compute(RowCodes codes, scoped in CodedQuery query, int* quads, int block, float* scores)
    {
        var dots = stackalloc int[RowCodes.BlockRows];
        CodeDots.Compute(codes.Block(block), quads, codes.Quads, query.Offset, dots);
        var row = block * RowCodes.BlockRows;
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            Score(codes, query, Vector512.Load(dots + part), row + part).Store(scores + part);
        }
    }

    /// <summary>How far an approximate score in the block can be from the canonical one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Error(RowCodes codes, scoped in CodedQuery query, int block) =>
        (query.NormError * codes.BlockNorms[block]) + (query.ResidualError * codes.BlockResiduals[block]) + query.Slack;

    /// <summary>The rows whose score, raised by <paramref name="error"/>, can be above <paramref name="floor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Above(float* scores, float floor, float error)
    {
        var cut = Cut(floor, error);
        ulong above = 0;
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            above |= Vector512.GreaterThan(Vector512.Load(scores + part), cut).ExtractMostSignificantBits() << part;
        }

        return above;
    }

    /// <summary>
    /// <see cref="Compute"/> and <see cref="Above"/> without the scores in between, which stay in registers where there are 32
    /// of 512 bits: half the time of the two at 64 columns, beside the sums themselves.
    /// </summary>
    [SkipLocalsInit]
    public static ulong Survivors(RowCodes codes, scoped in CodedQuery query, int* quads, int block, float floor)
    {
        var error = Error(codes, query, block);
        if (!Avx512BW.IsSupported)
        {
            var scores = stackalloc float[RowCodes.BlockRows];
            Compute(codes, query, quads, block, scores);
            return Above(scores, floor, error);
        }

        var cut = Cut(floor, error);
        var row = block * RowCodes.BlockRows;
        CodeDots.Avx512(codes.Block(block), quads, codes.Quads, query.Offset, out var a, out var b, out var c, out var d);
        return Vector512.GreaterThan(Score(codes, query, a, row), cut).ExtractMostSignificantBits()
            | (Vector512.GreaterThan(Score(codes, query, b, row + 16), cut).ExtractMostSignificantBits() << 16)
            | (Vector512.GreaterThan(Score(codes, query, c, row + 32), cut).ExtractMostSignificantBits() << 32)
            | (Vector512.GreaterThan(Score(codes, query, d, row + 48), cut).ExtractMostSignificantBits() << 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Score(RowCodes codes, scoped in CodedQuery query, Vector512<int> dots, int row)
    {
        var score = Vector512.ConvertToSingle(dots) * Vector512.Load(codes.Scales + row) * Vector512.Create(query.Scale);
        for (var rate = 0; rate < query.Rates.Length; rate++)
        {
            score += Vector512.Create(query.Rates[rate]) * Vector512.Load(codes.Rates(rate) + row);
        }

        return score;
    }

    // One float below: the subtraction may round up.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Cut(float floor, float error) => Vector512.Create(MathF.BitDecrement(floor - error));
}
