using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        var scale = Vector512.Create(query.Scale);
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            var row = (block * RowCodes.BlockRows) + part;
            var score = Vector512.ConvertToSingle(Vector512.Load(dots + part)) * Vector512.Load(codes.Scales + row) * scale;
            for (var rate = 0; rate < query.Rates.Length; rate++)
            {
                score += Vector512.Create(query.Rates[rate]) * Vector512.Load(codes.Rates(rate) + row);
            }

            score.Store(scores + part);
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
        // One float below: the subtraction may round up.
        var cut = Vector512.Create(MathF.BitDecrement(floor - error));
        ulong above = 0;
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            above |= Vector512.GreaterThan(Vector512.Load(scores + part), cut).ExtractMostSignificantBits() << part;
        }

        return above;
    }
}
