namespace Trainer.Data.Init;

/// <summary>What one column's cells look like, from the first rows of its table.</summary>
internal sealed class ColumnProfile
{
    private const int MaxDistinct = 200_000;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public ColumnProfile(string name)
    {
        Name = name;
        _lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The column's name as it stands in the header.</summary>
    public string Name { get; }

    /// <summary>Whether its cells are texts as somebody wrote them.</summary>
    public bool IsText { get; init; } = true;

    /// <summary>Cells that are not empty.</summary>
    public long Filled { get; private set; }

    /// <summary>Cells that are empty.</summary>
    public long Empty { get; private set; }

    /// <summary>The distinct values seen, with their counts; no new ones are taken up beyond 200,000.</summary>
    public IReadOnlyDictionary<string, long> Values => _counts;

    /// <summary>Whether no filled cell repeats another, as far as distinct values were kept.</summary>
    public bool IsUnique => Filled > 0 && _counts.Values.All(count => count == 1);

    /// <summary>Takes up one cell.</summary>
    public void Add(ReadOnlySpan<char> cell)
    {
        if (cell.IsEmpty)
        {
            Empty++;
            return;
        }

        Filled++;
        if (_lookup.TryGetValue(cell, out var count))
        {
            _lookup[cell] = count + 1;
        }
        else if (_counts.Count < MaxDistinct)
        {
            _lookup[cell] = 1;
        }
    }

    /// <summary>The share of the distinct values that pass a test, 0 when there are none.</summary>
    public double Share(Func<string, bool> test) =>
        _counts.Count == 0 ? 0 : (double)_counts.Keys.Count(test) / _counts.Count;

    /// <summary>A few values for a person to recognize the column by.</summary>
    public string Examples() => _counts.Count == 0
        ? "nothing: every cell is empty"
        : string.Join(", ", _counts.Keys.Take(3).Select(value => value.Length > 30 ? value[..30] + "..." : value));
}
