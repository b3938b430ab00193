using System.Runtime.Intrinsics;

namespace Engine.Kernels.Solve;

/// <summary>
/// Collects scattered factor rows into a contiguous panel: panel[i] = (row i * root[i]) * scale, and their weighted sum
/// right = sum over i ascending of root[i] panel[i]. All element by element: the width of the vectors changes no bit.
/// </summary>
internal static unsafe class PanelGather
{
    // Far enough for a row from memory to arrive, near enough to stay in the first-level cache.
    private const int PrefetchDistance = 12;

    // Columns whose sums stay in registers.
    private const int SumColumns = 64;

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
        float* factors, nint stride, int* ordinals, int count, int more, float* roots, float* scale, int width,
        float* panel, float* right)
    {
        for (var i = 0; i < count; i++)
        {
            if (i + PrefetchDistance < count + more)
            {
                RowPrefetch.Ask(factors + (ordinals[i + PrefetchDistance] * stride), width);
            }

            var row = factors + (ordinals[i] * stride);
            var target = panel + ((nint)i * width);
            var root = Vector256.Create(roots[i]);
            for (var k = 0; k < width; k += 8)
            {
                (Vector256.Load(row + k) * root * Vector256.Load(scale + k)).Store(target + k);
            }
        }

        var left = 0;
        for (; left + SumColumns <= width; left += SumColumns)
        {
            WideSum(panel + left, width, count, roots, right + left);
        }

        for (; left < width; left += 8)
        {
            var sum = Vector256<float>.Zero;
            for (var i = 0; i < count; i++)
            {
                sum = Vector256.FusedMultiplyAdd(
                    Vector256.Create(roots[i]), Vector256.Load(panel + ((nint)i * width) + left), sum);
            }

            sum.Store(right + left);
        }
    }

    // Eight sums at once: as many as two pipes of four steps want.
    private static void WideSum(float* panel, nint width, int count, float* roots, float* right)
    {
        Vector256<float> r0, r1, r2, r3, r4, r5, r6, r7;
        r0 = r1 = r2 = r3 = r4 = r5 = r6 = r7 = Vector256<float>.Zero;
        for (var i = 0; i < count; i++, panel += width)
        {
            var root = Vector256.Create(roots[i]);
            r0 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel), r0);
            r1 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 8), r1);
            r2 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 16), r2);
            r3 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 24), r3);
            r4 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 32), r4);
            r5 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 40), r5);
            r6 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 48), r6);
            r7 = Vector256.FusedMultiplyAdd(root, Vector256.Load(panel + 56), r7);
        }

        r0.Store(right);
        r1.Store(right + 8);
        r2.Store(right + 16);
        r3.Store(right + 24);
        r4.Store(right + 32);
        r5.Store(right + 40);
        r6.Store(right + 48);
        r7.Store(right + 56);
    }
}
