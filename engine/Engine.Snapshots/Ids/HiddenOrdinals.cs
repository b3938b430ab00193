namespace Engine.Snapshots.Ids;

/// <summary>
/// Ordinals that nobody may find any more although the file holds them. Readers see a whole set at any time; nobody
/// waits. It costs a lookup nothing while it is empty.
/// </summary>
public sealed class HiddenOrdinals
{
    private volatile ulong[]? _words;

    /// <summary>Nothing is hidden.</summary>
    public bool IsEmpty => _words is null;

    /// <summary>Whether an ordinal is hidden.</summary>
    public bool Contains(int ordinal) =>
        _words is { } words && ordinal >> 6 < words.Length && (words[ordinal >> 6] >> ordinal & 1) != 0;

    /// <summary>All of them, ascending.</summary>
    public IEnumerable<int> All()
    {
        var words = _words ?? [];
        for (var word = 0; word < words.Length; word++)
        {
            for (var bits = words[word]; bits != 0; bits &= bits - 1)
            {
                yield return (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
            }
        }
    }

    /// <summary>Hides these and no others.</summary>
    internal void Replace(IEnumerable<int> ordinals)
    {
        var all = ordinals.ToArray();
        var words = new ulong[all.Length == 0 ? 0 : (all.Max() >> 6) + 1];
        foreach (var ordinal in all)
        {
            words[ordinal >> 6] |= 1ul << ordinal;
        }

        _words = words.Length == 0 ? null : words;
    }
}
