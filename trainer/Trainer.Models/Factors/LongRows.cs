using Engine.Kernels.Solve;
using Trainer.Models.Matrices;

namespace Trainer.Models.Factors;

/// <summary>
/// The rows of a half-step that are longer than a chunk, cut into chunks, so that one very popular product does not
/// keep a single thread busy. The thread that sums the last chunk of a row solves it. The same bits as
/// <see cref="RowSolver"/> alone.
/// </summary>
public sealed class LongRows
{
    private readonly InteractionMatrix _matrix;
    private readonly List<(int Place, int Chunk)> _pieces = [];
    private readonly RowChunk[][] _sums;
    private readonly int[] _open;

    /// <param name="matrix">The rows.</param>
    /// <param name="factors">Factors of a row.</param>
    public LongRows(InteractionMatrix matrix, int factors)
    {
        _matrix = matrix;
        var sums = new List<RowChunk[]>();
        foreach (var row in matrix.LongestRowsFirst)
        {
            var chunks = RowSolver.Chunks(matrix.RowLength(row), factors);
            if (chunks == 1)
            {
                break;
            }

            _pieces.AddRange(Enumerable.Range(0, chunks).Select(chunk => (sums.Count, chunk)));
            sums.Add(new RowChunk[chunks]);
        }

        _sums = [.. sums];
        _open = Array.ConvertAll(_sums, chunks => chunks.Length);
    }

    /// <summary>Rows: the first of <see cref="InteractionMatrix.LongestRowsFirst"/>.</summary>
    public int Count => _sums.Length;

    /// <summary>Chunks of all of them: pieces of work that do not depend on each other.</summary>
    public int Pieces => _pieces.Count;

    /// <summary>Sums one chunk; after the last one of a row writes the row and its loss.</summary>
    /// <param name="piece">Each of 0 .. <see cref="Pieces"/> - 1 once.</param>
    /// <param name="solver">The thread's own.</param>
    /// <param name="other">The side that stays.</param>
    /// <param name="solved">Receives the row.</param>
    /// <param name="losses">Receives its loss.</param>
    /// <returns>The row, or -1 when chunks of it are still open.</returns>
    public int Run(int piece, RowSolver solver, FactorMatrix other, FactorMatrix solved, double[] losses)
    {
        var (place, chunk) = _pieces[piece];
        var row = _matrix.LongestRowsFirst[place];
        _sums[place][chunk] =
            solver.Sum(other.Values, other.Stride, _matrix.RowColumns(row), _matrix.RowWeights(row), chunk);
        if (Interlocked.Decrement(ref _open[place]) > 0)
        {
            return -1;
        }

        losses[row] = solver.SolveChunks(_sums[place], _matrix.RowLength(row), solved.PaddedRow(row));
        _sums[place] = [];
        return row;
    }
}
