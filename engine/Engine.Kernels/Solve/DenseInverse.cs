using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// The inverse of a symmetric positive definite fp32 matrix of a few thousand rows, in place, by Gauss and Jordan's
/// elimination in blocks of 64 rows: 2 n^3 operations, nearly all of them in the register tile. A block is eliminated
/// by <see cref="Begin"/> on one thread, then by <see cref="Update"/> for every strip, on any threads; each element is
/// one chain, so they change no bit.
/// </summary>
public sealed unsafe class DenseInverse
{
    private const int Block = 64;
    private const int StripRows = 32;

    private readonly float[] _matrix;
    private readonly float[] _panel;
    private readonly float[] _pivot = new float[Block * Block];

    /// <param name="order">Rows, at least 1.</param>
    public DenseInverse(int order)
    {
        Stride = (order + Block - 1) & -Block;
        _matrix = new float[checked(Stride * Stride)];
        _panel = new float[Block * Stride];
        HugePages.Ask(_matrix.AsSpan());
        for (var row = order; row < Stride; row++)
        {
            _matrix[((long)row * Stride) + row] = 1;
        }
    }

    /// <summary>Floats from row to row, a multiple of 64.</summary>
    public int Stride { get; }

    /// <summary>Blocks to eliminate, one after the other.</summary>
    public int Blocks => Stride / Block;

    /// <summary>Strips of one block.</summary>
    public int Strips => Stride / StripRows;

    /// <summary>All rows; the matrix before the first block, its inverse after the last.</summary>
    public float[] Values => _matrix;

    /// <summary>Eliminates the rows of a block.</summary>
    /// <param name="block">0..<see cref="Blocks"/>-1, ascending.</param>
    /// <returns>
    /// Whether all pivots were positive; if not, the matrix is not positive definite and nothing more may be done.
    /// </returns>
    public bool Begin(int block)
    {
        fixed (float* matrix = _matrix, panel = _panel, pivot = _pivot)
        {
            var first = block * Block;
            var rows = matrix + ((nint)first * Stride);
            if (!Invert(rows + first, pivot))
            {
                return false;
            }

            Pack(rows, panel);
            for (var column = 0; column < Stride; column += TileKernel.Columns)
            {
                for (var row = 0; row < Block; row += TileKernel.Rows)
                {
                    TileKernel.Multiply(
                        pivot + (row * Block), 1, Block, panel + ((nint)column * Block), TileKernel.Columns, Block,
                        rows + ((nint)row * Stride) + column, Stride, TileMode.Set);
                }
            }

            for (var row = 0; row < Block; row++)
            {
                new Span<float>(pivot + (row * Block), Block).CopyTo(
                    new Span<float>(rows + ((nint)row * Stride) + first, Block));
            }

            Pack(rows, panel);
            return true;
        }
    }

    /// <summary>Takes the block that <see cref="Begin"/> has eliminated out of a strip of other rows.</summary>
    public void Update(int block, int strip)
    {
        var (first, row) = (block * Block, strip * StripRows);
        if (row / Block == block)
        {
            return;
        }

        var factors = stackalloc float[StripRows * Block];
        fixed (float* matrix = _matrix, panel = _panel)
        {
            var rows = matrix + ((nint)row * Stride);
            for (var r = 0; r < StripRows; r++)
            {
                var own = new Span<float>(rows + ((nint)r * Stride) + first, Block);
                own.CopyTo(new Span<float>(factors + (r * Block), Block));
                own.Clear();
            }

            for (var column = 0; column < Stride; column += TileKernel.Columns)
            {
                for (var r = 0; r < StripRows; r += TileKernel.Rows)
                {
                    TileKernel.Multiply(
                        factors + (r * Block), 1, Block, panel + ((nint)column * Block), TileKernel.Columns, Block,
                        rows + ((nint)r * Stride) + column, Stride, TileMode.Subtract);
                }
            }
        }
    }

    // Groups of 16 columns, within a group row by row.
    private void Pack(float* rows, float* panel)
    {
        for (var column = 0; column < Stride; column += TileKernel.Columns)
        {
            for (var row = 0; row < Block; row++)
            {
                new Span<float>(rows + ((nint)row * Stride) + column, TileKernel.Columns)
                    .CopyTo(
                        new Span<float>(
                            panel + ((nint)column * Block) + (row * TileKernel.Columns), TileKernel.Columns));
            }
        }
    }

    // Of one diagonal block, in fp64: its rounding would enter every other element.
    private bool Invert(float* diagonal, float* inverse)
    {
        var m = stackalloc double[Block * Block];
        for (var r = 0; r < Block; r++)
        {
            for (var c = 0; c < Block; c++)
            {
                m[(r * Block) + c] = diagonal[((nint)r * Stride) + c];
            }
        }

        for (var k = 0; k < Block; k++)
        {
            var p = m[(k * Block) + k];
            if (!(p > 0))
            {
                return false;
            }

            m[(k * Block) + k] = 1;
            for (var c = 0; c < Block; c++)
            {
                m[(k * Block) + c] /= p;
            }

            for (var r = 0; r < Block; r++)
            {
                var factor = m[(r * Block) + k];
                if (r == k)
                {
                    continue;
                }

                m[(r * Block) + k] = 0;
                for (var c = 0; c < Block; c++)
                {
                    m[(r * Block) + c] -= factor * m[(k * Block) + c];
                }
            }
        }

        for (var n = 0; n < Block * Block; n++)
        {
            inverse[n] = (float)m[n];
        }

        return true;
    }
}
