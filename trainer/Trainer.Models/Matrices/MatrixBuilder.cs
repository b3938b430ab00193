namespace Trainer.Models.Matrices;

/// <summary>Builds an <see cref="InteractionMatrix"/> row by row.</summary>
/// <param name="columnCount">Columns.</param>
/// <param name="capacity">
/// How many entries there will be: when it is exact, no entry is copied; when it is too low, the room grows.
/// </param>
public sealed class MatrixBuilder(int columnCount, int capacity = 0)
{
    private const int FirstRoom = 16;

    private readonly List<long> _offsets = [0];
    private int[] _columns = new int[capacity];
    private float[] _weights = new float[capacity];
    private int _count;

    /// <summary>Finished rows.</summary>
    public int RowCount => _offsets.Count - 1;

    /// <summary>Makes room for so many more entries.</summary>
    public void Reserve(int entries) => Resize(Math.Max(_columns.Length, checked(_count + entries)));

    /// <summary>Adds an entry to the current row, in any order.</summary>
    public void Add(int column, float weight = 1)
    {
        if (_count == _columns.Length)
        {
            Resize((int)Math.Min(Array.MaxLength, Math.Max(FirstRoom, 2L * _count)));
        }

        _columns[_count] = column;
        _weights[_count++] = weight;
    }

    /// <summary>Finishes the current row: sorts it by column.</summary>
    public void EndRow()
    {
        var start = (int)_offsets[^1];
        _columns.AsSpan(start.._count).Sort(_weights.AsSpan(start.._count));
        _offsets.Add(_count);
    }

    /// <summary>The matrix of all finished rows; the builder is used up.</summary>
    /// <exception cref="ArgumentException">A row has a column twice, or an entry is out of range.</exception>
    public InteractionMatrix Build()
    {
        Resize(_count);
        return new(RowCount, columnCount, [.. _offsets], _columns, _weights);
    }

    private void Resize(int room)
    {
        Array.Resize(ref _columns, room);
        Array.Resize(ref _weights, room);
    }
}
