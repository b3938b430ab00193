namespace Engine.Datasets.Behaviors;

/// <summary>
/// Gives every distinct id a number, 0, 1, 2, ... in the order of first sight. Ids are compared exactly.
/// </summary>
internal sealed class IdTable
{
    private readonly Dictionary<string, int> _numbers;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _ids = [];

    public IdTable()
    {
        _numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many ids there are.</summary>
    public int Count => _ids.Count;

    /// <summary>The id of a number.</summary>
    public string this[int number] => _ids[number];

    /// <summary>The number of a known id, or -1.</summary>
    public int Find(ReadOnlySpan<char> id) => _lookup.TryGetValue(id, out var number) ? number : -1;

    /// <summary>Adds an id that <see cref="Find"/> did not know.</summary>
    public int Add(ReadOnlySpan<char> id)
    {
        var text = id.ToString();
        _numbers.Add(text, _ids.Count);
        _ids.Add(text);
        return _ids.Count - 1;
    }

    /// <summary>All ids by number.</summary>
    public string[] ToArray() => [.. _ids];
}
