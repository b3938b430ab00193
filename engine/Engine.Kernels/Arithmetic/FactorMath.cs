using Engine.Kernels.Memory;

namespace Engine.Kernels.Arithmetic;

/// <summary>Dense products over whole factor matrices, in a fixed order of summation.</summary>
public static unsafe class FactorMath
{
    private const int GramBlock = 128;

    /// <summary>
    /// gram += F^T F for a run of rows: fp32 partial sums over 128 rows, added up in fp64. Only elements with
    /// column >= row are complete; mirror them when the last run is in.
    /// </summary>
    /// <param name="rows">Row-major factors, padded by zeros.</param>
    /// <param name="stride">Floats from row to row, a multiple of 16.</param>
    /// <param name="gram">stride x stride sums.</param>
    public static void AddGram(ReadOnlySpan<float> rows, int stride, Span<double> gram)
    {
        RequireShape(rows.Length, stride);
        var count = rows.Length / stride;
        var partial = new AlignedBuffer(stride * stride);
        fixed (float* start = rows)
        {
            for (var first = 0; first < count; first += GramBlock)
            {
                var block = start + ((nint)first * stride);
                var steps = Math.Min(GramBlock, count - first);
                UpperProduct.Square(block, stride, steps, stride, stride, partial.Pointer, stride);
                for (var i = 0; i < stride; i++)
                {
                    for (var j = i; j < stride; j++)
                    {
                        gram[(i * stride) + j] += partial.Pointer[(i * (nint)stride) + j];
                    }
                }
            }
        }

        GC.KeepAlive(partial);
    }

    /// <summary>Replaces every row y by y R.</summary>
    /// <param name="rows">Row-major factors.</param>
    /// <param name="stride">Floats from row to row, a multiple of 16.</param>
    /// <param name="rotation">R, stride x stride, row-major.</param>
    public static void Rotate(Span<float> rows, int stride, ReadOnlySpan<float> rotation)
    {
        RequireShape(rows.Length, stride);
        var count = rows.Length / stride;
        var input = new AlignedBuffer(TileKernel.Rows * stride);
        var output = new AlignedBuffer(TileKernel.Rows * stride);
        fixed (float* r = rotation)
        {
            for (var first = 0; first < count; first += TileKernel.Rows)
            {
                var block = rows.Slice(first * stride, Math.Min(TileKernel.Rows, count - first) * stride);
                block.CopyTo(new Span<float>(input.Pointer, block.Length));
                for (var left = 0; left < stride; left += TileKernel.Columns)
                {
                    TileKernel.Multiply(
                        input.Pointer,
                        1,
                        stride,
                        r + left,
                        stride,
                        stride,
                        output.Pointer + left,
                        stride,
                        TileMode.Set);
                }

                new Span<float>(output.Pointer, block.Length).CopyTo(block);
            }
        }

        GC.KeepAlive(input);
        GC.KeepAlive(output);
    }

    private static void RequireShape(int length, int stride)
    {
        if (stride <= 0 || stride % 16 != 0 || length % stride != 0)
        {
            throw new ArgumentException(
                InvariantText.Of($"{length} floats with stride {stride}: expected whole rows of a multiple of 16"));
        }
    }
}
