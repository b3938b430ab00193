using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Solve;

/// <summary>
/// 8 x 8 transpositions between eight separate rows and the layout where lane s of every vector belongs to row s.
/// </summary>
internal static unsafe class LaneTransposition
{
    /// <summary>target[8 k + s] = (rows[s][k] * root[s]) * scale[k] for k = 0..7.</summary>
    /// <param name="rows">Eight pointers.</param>
    /// <param name="offset">Floats to skip in every row.</param>
    /// <param name="root">One factor for every row.</param>
    /// <param name="scale">Eight factors, one for every element.</param>
    /// <param name="target">64 floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather(float** rows, nint offset, Vector256<float> root, float* scale, float* target)
    {
        if (Avx.IsSupported)
        {
            Quadruple(
                Halves(rows[0] + offset, rows[4] + offset), Halves(rows[1] + offset, rows[5] + offset),
                Halves(rows[2] + offset, rows[6] + offset), Halves(rows[3] + offset, rows[7] + offset),
                root, scale, target);
            Quadruple(
                Halves(rows[0] + offset + 4, rows[4] + offset + 4), Halves(rows[1] + offset + 4, rows[5] + offset + 4),
                Halves(rows[2] + offset + 4, rows[6] + offset + 4), Halves(rows[3] + offset + 4, rows[7] + offset + 4),
                root, scale + 4, target + 32);
            return;
        }

        for (var s = 0; s < 8; s++)
        {
            for (var k = 0; k < 8; k++)
            {
                target[(8 * k) + s] = rows[s][offset + k] * root[s] * scale[k];
            }
        }
    }

    /// <summary>rows[s][k] = source[8 k + s] for k = 0..7.</summary>
    /// <param name="source">64 floats.</param>
    /// <param name="rows">Eight pointers; of equal ones the last counts.</param>
    /// <param name="offset">Floats to skip in every row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scatter(float* source, float** rows, nint offset)
    {
        if (Avx.IsSupported)
        {
            Shuffle(
                Vector256.Load(source),
                Vector256.Load(source + 8),
                Vector256.Load(source + 16),
                Vector256.Load(source + 24),
                Vector256.Load(source + 32),
                Vector256.Load(source + 40),
                Vector256.Load(source + 48),
                Vector256.Load(source + 56),
                rows[0] + offset, rows[1] + offset, rows[2] + offset, rows[3] + offset,
                rows[4] + offset, rows[5] + offset, rows[6] + offset, rows[7] + offset);
            return;
        }

        for (var s = 0; s < 8; s++)
        {
            for (var k = 0; k < 8; k++)
            {
                rows[s][offset + k] = source[(8 * k) + s];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* low, float* high) =>
        Avx.InsertVector128(Vector128.Load(low).ToVector256Unsafe(), Vector128.Load(high), 1);

    // Four elements of rows 0..3 in the lower halves, of rows 4..7 in the upper ones: four vectors of eight rows each.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quadruple(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, Vector256<float> root,
        float* scale, float* target)
    {
        var (ab0, ab1) = (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b));
        var (cd0, cd1) = (Avx.UnpackLow(c, d), Avx.UnpackHigh(c, d));
        (Avx.Shuffle(ab0, cd0, 0x44) * root * Vector256.Create(scale[0])).Store(target);
        (Avx.Shuffle(ab0, cd0, 0xEE) * root * Vector256.Create(scale[1])).Store(target + 8);
        (Avx.Shuffle(ab1, cd1, 0x44) * root * Vector256.Create(scale[2])).Store(target + 16);
        (Avx.Shuffle(ab1, cd1, 0xEE) * root * Vector256.Create(scale[3])).Store(target + 24);
    }

    // Pairs, then quadruples within 128-bit halves, then the halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shuffle(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d,
        Vector256<float> e, Vector256<float> f, Vector256<float> g, Vector256<float> h,
        float* t0, float* t1, float* t2, float* t3, float* t4, float* t5, float* t6, float* t7)
    {
        var (ac0, ac1) = (Avx.UnpackLow(a, c), Avx.UnpackHigh(a, c));
        var (bd0, bd1) = (Avx.UnpackLow(b, d), Avx.UnpackHigh(b, d));
        var (eg0, eg1) = (Avx.UnpackLow(e, g), Avx.UnpackHigh(e, g));
        var (fh0, fh1) = (Avx.UnpackLow(f, h), Avx.UnpackHigh(f, h));
        var (r0, s0) = (Avx.UnpackLow(ac0, bd0), Avx.UnpackLow(eg0, fh0));
        var (r1, s1) = (Avx.UnpackHigh(ac0, bd0), Avx.UnpackHigh(eg0, fh0));
        var (r2, s2) = (Avx.UnpackLow(ac1, bd1), Avx.UnpackLow(eg1, fh1));
        var (r3, s3) = (Avx.UnpackHigh(ac1, bd1), Avx.UnpackHigh(eg1, fh1));
        Avx.Permute2x128(r0, s0, 0x20).Store(t0);
        Avx.Permute2x128(r1, s1, 0x20).Store(t1);
        Avx.Permute2x128(r2, s2, 0x20).Store(t2);
        Avx.Permute2x128(r3, s3, 0x20).Store(t3);
        Avx.Permute2x128(r0, s0, 0x31).Store(t4);
        Avx.Permute2x128(r1, s1, 0x31).Store(t5);
        Avx.Permute2x128(r2, s2, 0x31).Store(t6);
        Avx.Permute2x128(r3, s3, 0x31).Store(t7);
    }
}
