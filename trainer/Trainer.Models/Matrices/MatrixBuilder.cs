using System.Runtime.InteropServices;

namespace Trainer.Models.Matrices;

/// <summary>Builds an <see cref="InteractionMatrix"/> row by row.</summary>
/// <param name="columnCount">Columns.</param>
/// <param name="capacity">About how many entries there will be.</param>
public sealed class MatrixBuilder(int columnCount, int capacity = 0)
{
    private readonly List<long> _offsets = [0];
    private readonly List<int> _columns = new(capacity);
    private readonly List<float> _weights = new(capacity);

    /// <summary>Finished rows.</summary>
    public int RowCount => _offsets.Count - 1;

    /// <summary>Adds an entry to the current row, in any order.</summary>
    public void Add(int column, float weight = 1)
    {
        _columns.Add(column);
        _weights.Add(weight);
    }

    /// <summary>Finishes the current row: sorts it by column.</summary>
    public void EndRow()
    {
        var start = (int)_offsets[^1];
        CollectionsMarshal.AsSpan(_columns)[start..].Sort(CollectionsMarshal.AsSpan(_weights)[start..]);
        _offsets.Add(_columns.Count);
    }

    /// <summary>The matrix of all finished rows.</summary>
    /// <exception cref="ArgumentException">A row has a column twice, or an entry is out of range.</exception>
    public InteractionMatrix Build() => new(RowCount, columnCount, [.. _offsets], [.. _columns], [.. _weights]);
}
