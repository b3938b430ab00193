using Trainer.Data.Running;

namespace Trainer.Models.Matrices;

/// <summary>
/// Which columns each row has, without weights: row r holds the entries <c>Offsets[r] .. Offsets[r+1]</c> of
/// <see cref="Columns"/>, ascending within a row. Costs 4 bytes an entry and 8 bytes a row.
/// </summary>
/// <param name="ColumnCount">Columns.</param>
/// <param name="Offsets">Where each row starts, and at the end the number of entries.</param>
/// <param name="Columns">The column of every entry.</param>
public sealed record Incidence(int ColumnCount, long[] Offsets, int[] Columns)
{
    /// <summary>Rows.</summary>
    public int RowCount => Offsets.Length - 1;

    /// <summary>The pattern of a matrix; shares its arrays.</summary>
    public static Incidence Of(InteractionMatrix matrix) => new(matrix.ColumnCount, matrix.Offsets, matrix.Columns);

    /// <summary>Entries of one row.</summary>
    public int RowLength(int row) => (int)(Offsets[row + 1] - Offsets[row]);

    /// <summary>The columns of one row, ascending.</summary>
    public ReadOnlySpan<int> Row(int row) => Columns.AsSpan((int)Offsets[row], RowLength(row));

    /// <summary>
    /// The same by column, column c becoming row <paramref name="places"/>[c].
    /// </summary>
    /// <param name="places">A permutation of the columns, or null for none.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public Incidence Transpose(int[]? places, RunContext run)
    {
        var (offsets, columns, _) = SparseTransposition.Run(ColumnCount, Offsets, Columns, null, places, run);
        return new Incidence(RowCount, offsets, columns);
    }
}
