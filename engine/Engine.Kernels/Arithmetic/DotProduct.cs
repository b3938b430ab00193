using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// The canonical dense score. Every mode of the engine computes this number and no other, so that all of them agree bit
/// for bit: 16 accumulators start at 0; accumulator l takes fma(x[16b+l], y[16b+l], acc) for b = 0, 1, ...; then the
/// accumulators fold 16 to 8 (l and l+8), 8 to 4, 4 to 2, 2 to 1; at last +0 is added, so that no score is a negative
/// zero and equal scores have equal bits. Rows are padded by zeros, which change no bit.
/// All instruction sets give the same bits, because each step is one correctly rounded IEEE operation in a fixed order.
/// </summary>
public static unsafe class DotProduct
{
    /// <summary>The score of two vectors of one length; a tail shorter than 16 counts as padded by zeros.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Score(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"found vectors of {x.Length} and {y.Length} floats; expected one length");
        }

        fixed (float* px = x, py = y)
        {
            var whole = x.Length & ~(FactorRows.Lanes - 1);
            var tail = x.Length - whole;
            if (tail == 0)
            {
                return Score(px, py, whole);
            }

            // The tail goes through zero-filled copies, never past the end of the caller's memory.
            var padded = stackalloc float[FactorRows.Lanes * 2];
            new Span<float>(padded, FactorRows.Lanes * 2).Clear();
            x[whole..].CopyTo(new(padded, tail));
            y[whole..].CopyTo(new(padded + FactorRows.Lanes, tail));
            return DotProductPaths.Scalar(px, py, whole, padded, padded + FactorRows.Lanes);
        }
    }

    /// <summary>Scores of consecutive rows.</summary>
    /// <param name="query">The query, <see cref="FactorRows.Stride"/> floats.</param>
    /// <param name="matrix">The rows.</param>
    /// <param name="first">The first row to score.</param>
    /// <param name="scores">One score per row; its length is the number of rows.</param>
    public static void ScoreRows(ReadOnlySpan<float> query, FactorRows matrix, int first, Span<float> scores)
    {
        CheckQuery(query, matrix);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)first + scores.Length, matrix.Rows);
        fixed (float* q = query, s = scores)
        {
            var i = 0;
            for (; i <= scores.Length - 4; i += 4)
            {
                var row = first + i;
                Score4(q, matrix.Row(row), matrix.Row(row + 1), matrix.Row(row + 2), matrix.Row(row + 3), matrix.Stride)
                    .Store(s + i);
            }

            for (; i < scores.Length; i++)
            {
                s[i] = Score(q, matrix.Row(first + i), matrix.Stride);
            }
        }
    }

    /// <summary>One score; <paramref name="length"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Score(float* x, float* y, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return DotProductPaths.Wide512(x, y, length);
        }

        if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
        {
            return DotProductPaths.Wide256(x, y, length);
        }

        return AdvSimd.IsSupported || Fma.IsSupported
            ? DotProductPaths.Wide128(x, y, length)
            : DotProductPaths.Scalar(x, y, length, null, null);
    }

    /// <summary>
    /// Four scores against one query: the query is loaded once and four chains hide the latency of fma.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> Score4(float* q, float* a, float* b, float* c, float* d, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return DotProductPaths.Wide512x4(q, a, b, c, d, length);
        }

        if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
        {
            return DotProductPaths.Wide256x4(q, a, b, c, d, length);
        }

        return Vector128.Create(Score(q, a, length), Score(q, b, length), Score(q, c, length), Score(q, d, length));
    }

    private static void CheckQuery(ReadOnlySpan<float> query, FactorRows matrix)
    {
        if (query.Length != matrix.Stride)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"found a query of {query.Length} floats; expected the matrix's stride, "
                    + $"{matrix.Stride}, padded by zeros"));
        }
    }
}
