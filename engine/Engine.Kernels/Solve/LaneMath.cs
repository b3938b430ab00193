using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Solve;

/// <summary>
/// Small loops over fp32 rows whose length is a multiple of 8. Element-wise loops give the same bits at any width; sums
/// run in 8 lanes (index mod 8) that are folded 8, 4, 2, 1.
/// </summary>
internal static unsafe class LaneMath
{
    /// <summary>y = fma(factor, x, y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Axpy(float factor, float* x, float* y, int count)
    {
        var v = Vector256.Create(factor);
        for (var j = 0; j < count; j += 8)
        {
            Vector256.FusedMultiplyAdd(v, Vector256.Load(x + j), Vector256.Load(y + j)).Store(y + j);
        }
    }

    /// <summary>sum x y in 8 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* x, float* y, int count)
    {
        var sum = Vector256<float>.Zero;
        for (var j = 0; j < count; j += 8)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(x + j), Vector256.Load(y + j), sum);
        }

        var four = sum.GetLower() + sum.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    /// <summary>y = the square roots of x, of any count.</summary>
    public static void Sqrt(ReadOnlySpan<float> x, float* y)
    {
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            Vector256.Sqrt(Vector256.Create(x[i..])).Store(y + i);
        }

        for (; i < x.Length; i++)
        {
            y[i] = MathF.Sqrt(x[i]);
        }
    }

    /// <summary>
    /// sum x in fp64, of any count: four lanes (index mod 4), folded one after the other, then what is left.
    /// </summary>
    public static double Sum(ReadOnlySpan<float> x)
    {
        var sums = Vector256<double>.Zero;
        var i = 0;
        for (; i <= x.Length - 8; i += 8)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(x[i..]));
            sums = sums + low + high;
        }

        var sum = sums[0] + sums[1] + sums[2] + sums[3];
        for (; i < x.Length; i++)
        {
            sum += x[i];
        }

        return sum;
    }
}
