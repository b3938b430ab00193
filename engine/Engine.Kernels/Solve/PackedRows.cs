using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Solve;

/// <summary>
/// A copy of factor rows laid out for scoring eight rows against all of them at register speed: groups of 16 rows,
/// within a group dimension by dimension. A score is one chain of fused multiply-adds over the dimensions in ascending
/// order.
/// </summary>
public sealed unsafe class PackedRows
{
    /// <summary>Rows that <see cref="Score"/> takes at a time.</summary>
    public const int BlockRows = TileKernel.Rows;

    private readonly float[] _packed;
    private readonly int _stride;

    /// <param name="rows">Row-major factors.</param>
    /// <param name="stride">Floats from row to row.</param>
    public PackedRows(ReadOnlySpan<float> rows, int stride)
    {
        Count = rows.Length / stride;
        PaddedCount = (Count + TileKernel.Columns - 1) & ~(TileKernel.Columns - 1);
        _stride = stride;
        _packed = new float[checked(PaddedCount * stride)];
        for (var row = 0; row < Count; row++)
        {
            var target = _packed.AsSpan((row & ~15) * stride);
            for (var k = 0; k < stride; k++)
            {
                target[(k * TileKernel.Columns) + (row & 15)] = rows[(row * stride) + k];
            }
        }
    }

    /// <summary>Rows packed.</summary>
    public int Count { get; }

    /// <summary>Rows with padding, a multiple of 16: the scores that one query row receives.</summary>
    public int PaddedCount { get; }

    /// <summary>scores[r, i] = query r . packed row i, for the eight query rows.</summary>
    /// <param name="queries">Eight rows of the packed stride.</param>
    /// <param name="scores">8 x <see cref="PaddedCount"/>, row-major.</param>
    public void Score(ReadOnlySpan<float> queries, Span<float> scores)
    {
        if (queries.Length != BlockRows * _stride || scores.Length < BlockRows * PaddedCount)
        {
            throw new ArgumentException(
                InvariantText.Of(
                    $"{queries.Length} query floats, room for {scores.Length} scores: "
                    + $"expected {BlockRows * _stride} and {BlockRows * PaddedCount}"));
        }

        fixed (float* a = queries, b = _packed, c = scores)
        {
            for (var first = 0; first < PaddedCount; first += TileKernel.Columns)
            {
                TileKernel.Multiply(
                    a, 1, _stride, b + ((nint)first * _stride), TileKernel.Columns, _stride, c + first, PaddedCount,
                    TileMode.Set);
            }
        }
    }
}
