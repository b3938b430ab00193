using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Model.Kernels;

/// <summary>
/// Collects scattered factor rows into a contiguous panel: panel[i] = (row i * root[i]) * scale, and their weighted sum
/// right = sum over i ascending of root[i] panel[i]. All element by element: the width of the vectors changes no bit.
/// </summary>
internal static unsafe class PanelGather
{
    // Far enough for a row from memory to arrive, near enough to stay in the first-level cache.
    private const int Ahead = 12;

    /// <param name="factors">The row-major factor matrix.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="ordinals">The rows to collect, checked by the caller.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="more">How many follow in memory after them (they will be needed soon).</param>
    /// <param name="roots">The square roots of their weights.</param>
    /// <param name="scale">One factor per column.</param>
    /// <param name="width">Columns, a multiple of 16.</param>
    /// <param name="panel">count x width.</param>
    /// <param name="right">Receives the weighted sum, width floats.</param>
    public static void Run(
        float* factors, nint stride, int* ordinals, int count, int more, float* roots, float* scale, int width, float* panel, float* right)
    {
        new Span<float>(right, width).Clear();
        for (var i = 0; i < count; i++)
        {
            if (i + Ahead < count + more)
            {
                Prefetch(factors + (ordinals[i + Ahead] * stride), width);
            }

            if (Vector512.IsHardwareAccelerated)
            {
                Row512(factors + (ordinals[i] * stride), roots[i], scale, width, panel, right);
            }
            else
            {
                Row256(factors + (ordinals[i] * stride), roots[i], scale, width, panel, right);
            }

            panel += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row512(float* row, float root, float* scale, int width, float* panel, float* right)
    {
        var v = Vector512.Create(root);
        for (var k = 0; k < width; k += 16)
        {
            var x = Vector512.Load(row + k) * v * Vector512.Load(scale + k);
            x.Store(panel + k);
            Vector512.FusedMultiplyAdd(v, x, Vector512.Load(right + k)).Store(right + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row256(float* row, float root, float* scale, int width, float* panel, float* right)
    {
        var v = Vector256.Create(root);
        for (var k = 0; k < width; k += 8)
        {
            var x = Vector256.Load(row + k) * v * Vector256.Load(scale + k);
            x.Store(panel + k);
            Vector256.FusedMultiplyAdd(v, x, Vector256.Load(right + k)).Store(right + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* row, int width)
    {
        if (Sse.IsSupported)
        {
            for (var k = 0; k < width; k += 16)
            {
                Sse.Prefetch0(row + k);
            }
        }
    }
}
