using System.Numerics.Tensors;

namespace Engine.Kernels.Solve;

/// <summary>
/// What <see cref="RowSolver"/> sums over a chunk of a long row: P^T P, P^T C^1/2 1 and the weights. Chunks are added
/// in their order, so it does not matter who summed them.
/// </summary>
public sealed class RowChunk
{
    private readonly float[] _system;
    private readonly float[] _right;
    private double _weights;

    internal RowChunk(ReadOnlySpan<float> system, ReadOnlySpan<float> right, double weights) =>
        (_system, _right, _weights) = (system.ToArray(), right.ToArray(), weights);

    /// <summary>Adds the next chunk of the same row.</summary>
    internal void Add(RowChunk next) => Add(next._system, next._right, next._weights);

    /// <summary>Adds the sums of the next chunk.</summary>
    internal void Add(ReadOnlySpan<float> system, ReadOnlySpan<float> right, double weights)
    {
        TensorPrimitives.Add(_system, system, _system);
        TensorPrimitives.Add(_right, right, _right);
        _weights += weights;
    }

    /// <summary>Writes the sums out and returns that of the weights.</summary>
    internal double CopyTo(Span<float> system, Span<float> right)
    {
        _system.CopyTo(system);
        _right.CopyTo(right);
        return _weights;
    }
}
