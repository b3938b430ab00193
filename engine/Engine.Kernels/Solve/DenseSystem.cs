using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// A symmetric positive definite fp32 system to be filled and solved again and again; scratch of one thread, no
/// allocation after construction.
/// </summary>
public sealed unsafe class DenseSystem
{
    private readonly AlignedBuffer _matrix;
    private readonly AlignedBuffer _inverse;
    private readonly AlignedBuffer _scratch;
    private readonly AlignedBuffer _right;
    private readonly int _capacity;
    private readonly int _stride;

    /// <param name="capacity">The largest order, at least 1.</param>
    public DenseSystem(int capacity)
    {
        _capacity = (capacity + 15) & ~15;
        _stride = _capacity + 16;
        _matrix = new AlignedBuffer(_capacity * _stride);
        _inverse = new AlignedBuffer(_capacity);
        _scratch = new AlignedBuffer(_capacity);
        _right = new AlignedBuffer(_capacity);
    }

    /// <summary>One row to be filled from its diagonal on; what stands left of the diagonal does not count.</summary>
    public Span<float> Row(int row) => new(_matrix.Pointer + ((nint)row * _stride), _capacity);

    /// <summary>Overwrites <paramref name="right"/> by the solution; the rows must be filled anew afterwards.</summary>
    /// <param name="right">The right side; its length is the order.</param>
    /// <returns>Whether the matrix was positive definite and the solution is finite.</returns>
    public bool Solve(Span<float> right)
    {
        var order = right.Length;
        if (order > _capacity)
        {
            throw new ArgumentException(InvariantText.Of($"a system of {order} rows: expected at most {_capacity}"));
        }

        var padded = (order + 15) & ~15;
        for (var row = 0; row < padded; row++)
        {
            var values = Row(row);
            values[Math.Max(order, row)..padded].Clear();
            if (row >= order)
            {
                values[row] = 1;
            }
        }

        right.CopyTo(new Span<float>(_right.Pointer, order));
        new Span<float>(_right.Pointer + order, padded - order).Clear();
        Cholesky.Factor(_matrix.Pointer, _stride, order, _inverse.Pointer);
        Cholesky.Solve(_matrix.Pointer, _stride, order, _inverse.Pointer, _right.Pointer, _scratch.Pointer);
        new Span<float>(_right.Pointer, order).CopyTo(right);
        var sum = 0f;
        foreach (var value in right)
        {
            sum += value;
        }

        return float.IsFinite(sum);
    }
}
