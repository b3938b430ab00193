using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Arithmetic;

/// <summary>Copies a row-major matrix column by column, 4 x 4 at a time.</summary>
internal static unsafe class Transposition
{
    /// <summary>target[k, i] = source[i, k].</summary>
    /// <param name="source">rows x columns.</param>
    /// <param name="sourceStride">Floats from row to row.</param>
    /// <param name="rows">A multiple of 4.</param>
    /// <param name="columns">A multiple of 4.</param>
    /// <param name="target">columns x rows.</param>
    /// <param name="targetStride">Floats from row to row.</param>
    public static void Copy(float* source, int sourceStride, int rows, int columns, float* target, int targetStride)
    {
        for (var i = 0; i < rows; i += 4)
        {
            for (var k = 0; k < columns; k += 4)
            {
                Copy4(
                    source + ((nint)i * sourceStride) + k,
                    sourceStride,
                    target + ((nint)k * targetStride) + i,
                    targetStride);
            }
        }
    }

    private static void Copy4(float* source, nint sourceStride, float* target, nint targetStride)
    {
        if (Sse.IsSupported)
        {
            var a = Vector128.Load(source);
            var b = Vector128.Load(source + sourceStride);
            var c = Vector128.Load(source + (2 * sourceStride));
            var d = Vector128.Load(source + (3 * sourceStride));
            var (ac, bd) = (Sse.UnpackLow(a, c), Sse.UnpackLow(b, d));
            Sse.UnpackLow(ac, bd).Store(target);
            Sse.UnpackHigh(ac, bd).Store(target + targetStride);
            (ac, bd) = (Sse.UnpackHigh(a, c), Sse.UnpackHigh(b, d));
            Sse.UnpackLow(ac, bd).Store(target + (2 * targetStride));
            Sse.UnpackHigh(ac, bd).Store(target + (3 * targetStride));
            return;
        }

        for (var i = 0; i < 4; i++)
        {
            for (var k = 0; k < 4; k++)
            {
                target[(k * targetStride) + i] = source[(i * sourceStride) + k];
            }
        }
    }
}
