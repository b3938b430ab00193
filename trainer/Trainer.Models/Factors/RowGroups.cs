using Engine.Kernels.Solve;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// Rows in descending order of length, cut into groups that are solved together: neighbors of equal length where
/// <see cref="RowBatchSolver"/> takes them, single rows elsewhere. Which rows share a group changes no bit of the
/// result.
/// </summary>
public sealed class RowGroups
{
    // A batch takes about as long as so many single solves, however full it is.
    private const int WorthABatch = 3;

    private readonly int[] _order;
    private readonly List<int> _starts = [];

    /// <param name="matrix">The rows.</param>
    /// <param name="factors">Factors of a row.</param>
    public RowGroups(InteractionMatrix matrix, int factors)
    {
        _order = matrix.LongestRowsFirst;
        for (var start = 0; start < _order.Length;)
        {
            var size = GroupSize(matrix, factors, start);
            for (var n = 0; n < (size < WorthABatch ? size : 1); n++)
            {
                _starts.Add(start + n);
            }

            start += size;
        }
    }

    /// <summary>Groups.</summary>
    public int Count => _starts.Count;

    /// <summary>The rows of one group.</summary>
    public ReadOnlySpan<int> Rows(int group) =>
        _order.AsSpan(_starts[group]..(group + 1 < _starts.Count ? _starts[group + 1] : _order.Length));

    private int GroupSize(InteractionMatrix matrix, int factors, int start)
    {
        var length = matrix.RowLength(_order[start]);
        if (length == 0 || !RowBatchSolver.Accepts(length, factors))
        {
            return 1;
        }

        var end = start + 1;
        while (end < _order.Length && end - start < RowBatchSolver.Capacity && matrix.RowLength(_order[end]) == length)
        {
            end++;
        }

        return end - start;
    }
}
