using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Arithmetic;

/// <summary>
/// The paths of <see cref="DotProduct"/>. Each keeps the same 16 accumulators, as one, two or four vectors or an array,
/// and folds them in the same order; lengths are multiples of 16, so no path has a tail.
/// </summary>
internal static unsafe class DotProductPaths
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Wide512(float* x, float* y, int length)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), sum);
        }

        return Finish(Fold(sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Wide256(float* x, float* y, int length)
    {
        Vector256<float> low = default, high = default;
        for (var i = 0; i < length; i += 16)
        {
            low = Vector256.FusedMultiplyAdd(Vector256.Load(x + i), Vector256.Load(y + i), low);
            high = Vector256.FusedMultiplyAdd(Vector256.Load(x + i + 8), Vector256.Load(y + i + 8), high);
        }

        return Finish(Fold(low + high));
    }

    public static float Wide128(float* x, float* y, int length)
    {
        Vector128<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i < length; i += 16)
        {
            a = Vector128.FusedMultiplyAdd(Vector128.Load(x + i), Vector128.Load(y + i), a);
            b = Vector128.FusedMultiplyAdd(Vector128.Load(x + i + 4), Vector128.Load(y + i + 4), b);
            c = Vector128.FusedMultiplyAdd(Vector128.Load(x + i + 8), Vector128.Load(y + i + 8), c);
            d = Vector128.FusedMultiplyAdd(Vector128.Load(x + i + 12), Vector128.Load(y + i + 12), d);
        }

        // Accumulators 0-3 are in a, 8-11 in c: a + c folds l with l+8; adding b + d folds l with l+4.
        return Finish((a + c) + (b + d));
    }

    /// <summary>The plain form, with an optional zero-padded last block of 16 held elsewhere.</summary>
    public static float Scalar(float* x, float* y, int length, float* lastX, float* lastY)
    {
        var sum = stackalloc float[16];
        new Span<float>(sum, 16).Clear();
        for (var i = 0; i < length; i++)
        {
            sum[i & 15] = MathF.FusedMultiplyAdd(x[i], y[i], sum[i & 15]);
        }

        for (var lane = 0; lane < 16 && lastX != null; lane++)
        {
            sum[lane] = MathF.FusedMultiplyAdd(lastX[lane], lastY[lane], sum[lane]);
        }

        for (var half = 8; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
            {
                sum[lane] += sum[lane + half];
            }
        }

        return sum[0] + 0f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Wide512x4(float* q, float* a, float* b, float* c, float* d, int length)
    {
        Vector512<float> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < length; i += 16)
        {
            var x = Vector512.Load(q + i);
            sa = Vector512.FusedMultiplyAdd(x, Vector512.Load(a + i), sa);
            sb = Vector512.FusedMultiplyAdd(x, Vector512.Load(b + i), sb);
            sc = Vector512.FusedMultiplyAdd(x, Vector512.Load(c + i), sc);
            sd = Vector512.FusedMultiplyAdd(x, Vector512.Load(d + i), sd);
        }

        return Finish4(Fold(sa), Fold(sb), Fold(sc), Fold(sd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Wide256x4(float* q, float* a, float* b, float* c, float* d, int length)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default;
        Vector256<float> c0 = default, c1 = default, d0 = default, d1 = default;
        for (var i = 0; i < length; i += 16)
        {
            var x = Vector256.Load(q + i);
            var y = Vector256.Load(q + i + 8);
            a0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(a + i), a0);
            a1 = Vector256.FusedMultiplyAdd(y, Vector256.Load(a + i + 8), a1);
            b0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(b + i), b0);
            b1 = Vector256.FusedMultiplyAdd(y, Vector256.Load(b + i + 8), b1);
            c0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(c + i), c0);
            c1 = Vector256.FusedMultiplyAdd(y, Vector256.Load(c + i + 8), c1);
            d0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(d + i), d0);
            d1 = Vector256.FusedMultiplyAdd(y, Vector256.Load(d + i + 8), d1);
        }

        return Finish4(Fold(a0 + a1), Fold(b0 + b1), Fold(c0 + c1), Fold(d0 + d1));
    }

    /// <summary>16 accumulators to 4: l + (l+8), then l + (l+4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector512<float> sum) => Fold(sum.GetLower() + sum.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector256<float> sum) => sum.GetLower() + sum.GetUpper();

    /// <summary>4 accumulators to 1: l + (l+2), then 0 + 1; +0 turns a negative zero into zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Finish(Vector128<float> sum)
    {
        var pair = sum + Vector128.Shuffle(sum, Vector128.Create(2, 3, 2, 3));
        return pair.ToScalar() + pair.GetElement(1) + 0f;
    }

    /// <summary>The same two folds for four rows at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Finish4(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        // Rows of four become columns: (a0,b0,a1,b1) + (a2,b2,a3,b3), then the lower halves plus the upper halves.
        var ab = Interleave(a, b, upper: false) + Interleave(a, b, upper: true);
        var cd = Interleave(c, d, upper: false) + Interleave(c, d, upper: true);
        return Vector128.Create(ab.GetLower(), cd.GetLower()) + Vector128.Create(ab.GetUpper(), cd.GetUpper())
            + Vector128<float>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> a, Vector128<float> b, bool upper)
    {
        if (Sse.IsSupported)
        {
            return upper ? Sse.UnpackHigh(a, b) : Sse.UnpackLow(a, b);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return upper ? AdvSimd.Arm64.ZipHigh(a, b) : AdvSimd.Arm64.ZipLow(a, b);
        }

        return upper ? Vector128.Create(a[2], b[2], a[3], b[3]) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }
}
