using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels.Solve;

/// <summary>
/// The panel P = C^1/2 Z D^-1/2 of eight rows of equal length, interleaved: element k of observation i of row s stands
/// at <c>8 (i width + k) + s</c>. The same products as <see cref="PanelGather"/>.
/// </summary>
internal static unsafe class LanePanel
{
    private const int Lanes = 8;

    // Eight rows of 256 bytes each arrive while the four observations before are transposed.
    private const int PrefetchDistance = 4;

    /// <summary>Collects the panel.</summary>
    /// <param name="factors">The row-major factor matrix.</param>
    /// <param name="factorStride">Floats from row to row.</param>
    /// <param name="ordinals">Eight lists of rows to collect, checked by the caller.</param>
    /// <param name="length">Observations of every list.</param>
    /// <param name="roots">The square roots of their weights, interleaved.</param>
    /// <param name="scale">D^-1/2.</param>
    /// <param name="width">Columns, a multiple of 16.</param>
    /// <param name="panel">(length + the rows of a tile) x width vectors; the rows beyond the length become 0.</param>
    public static void Gather(
        float* factors, nint factorStride, int** ordinals, int length, float* roots, float* scale, int width,
        float* panel)
    {
        var rows = stackalloc float*[Lanes];
        for (var i = 0; i < length; i++)
        {
            for (var s = 0; s < Lanes; s++)
            {
                rows[s] = factors + (ordinals[s][i] * factorStride);
                if (Sse.IsSupported && i + PrefetchDistance < length)
                {
                    Prefetch(factors + (ordinals[s][i + PrefetchDistance] * factorStride), width);
                }
            }

            var root = Vector256.Load(roots + (Lanes * i));
            for (var k = 0; k < width; k += Lanes, panel += Lanes * Lanes)
            {
                LaneTransposition.Gather(rows, k, root, scale + k, panel);
            }
        }

        new Span<float>(panel, LaneTile.Rows * width * Lanes).Clear();
    }

    /// <summary>x = scale (P^T t), i ascending, for eight rows, each written to its own place.</summary>
    public static void Project(float* panel, float* t, int length, float* scale, int width, float** targets)
    {
        var block = stackalloc float[Lanes * Lanes];
        for (var k = 0; k < width; k += Lanes)
        {
            Vector256<float> x0, x1, x2, x3, x4, x5, x6, x7;
            x0 = x1 = x2 = x3 = x4 = x5 = x6 = x7 = Vector256<float>.Zero;
            var p = panel + (Lanes * k);
            for (var i = 0; i < length; i++, p += Lanes * width)
            {
                var v = Vector256.Load(t + (Lanes * i));
                x0 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p), x0);
                x1 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 8), x1);
                x2 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 16), x2);
                x3 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 24), x3);
                x4 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 32), x4);
                x5 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 40), x5);
                x6 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 48), x6);
                x7 = Vector256.FusedMultiplyAdd(v, Vector256.Load(p + 56), x7);
            }

            (x0 * Vector256.Create(scale[k])).Store(block);
            (x1 * Vector256.Create(scale[k + 1])).Store(block + 8);
            (x2 * Vector256.Create(scale[k + 2])).Store(block + 16);
            (x3 * Vector256.Create(scale[k + 3])).Store(block + 24);
            (x4 * Vector256.Create(scale[k + 4])).Store(block + 32);
            (x5 * Vector256.Create(scale[k + 5])).Store(block + 40);
            (x6 * Vector256.Create(scale[k + 6])).Store(block + 48);
            (x7 * Vector256.Create(scale[k + 7])).Store(block + 56);
            LaneTransposition.Scatter(block, targets, k);
        }
    }

    private static void Prefetch(float* row, int width)
    {
        for (var k = 0; k < width; k += 16)
        {
            Sse.Prefetch0(row + k);
        }
    }
}
