using System.Numerics;

namespace Engine.Scoring.Sets;

/// <summary>
/// A growable set of ordinals, one bit each: bit (i mod 64) of word (i / 64). Bits past the last ordinal are zero.
/// </summary>
internal sealed class Bitset
{
    private ulong[] _words = [];
    private int _size;

    /// <summary>The words, ceil(size / 64) of them.</summary>
    public Span<ulong> Words => _words.AsSpan(0, (_size + 63) / 64);

    /// <summary>Ordinals in the set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in Words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Whether <paramref name="ordinal"/> is in the set.</summary>
    public bool this[int ordinal] => (_words[ordinal >> 6] >> ordinal & 1) != 0;

    /// <summary>Makes it the empty set over 0..<paramref name="size"/>-1.</summary>
    public void Clear(int size)
    {
        Resize(size);
        Words.Clear();
    }

    /// <summary>Makes it the full set over 0..<paramref name="size"/>-1.</summary>
    public void Fill(int size)
    {
        Resize(size);
        Words.Fill(ulong.MaxValue);
        if (size % 64 != 0)
        {
            Words[^1] = (1ul << (size % 64)) - 1;
        }
    }

    /// <summary>Adds an ordinal; false when it was there.</summary>
    public bool Add(int ordinal)
    {
        ref var word = ref _words[ordinal >> 6];
        var bit = 1ul << ordinal;
        var added = (word & bit) == 0;
        word |= bit;
        return added;
    }

    /// <summary>Takes an ordinal out; false when it was not there.</summary>
    public bool Remove(int ordinal)
    {
        ref var word = ref _words[ordinal >> 6];
        var bit = 1ul << ordinal;
        var removed = (word & bit) != 0;
        word &= ~bit;
        return removed;
    }

    /// <summary>Keeps what is in both sets, which are over the same ordinals.</summary>
    public void IntersectWith(Bitset other)
    {
        var words = Words;
        for (var i = 0; i < words.Length; i++)
        {
            words[i] &= other._words[i];
        }
    }

    /// <summary>Adds what is in <paramref name="other"/>, which is over the same ordinals.</summary>
    public void UnionWith(Bitset other)
    {
        var words = Words;
        for (var i = 0; i < words.Length; i++)
        {
            words[i] |= other._words[i];
        }
    }

    /// <summary>Takes out what is in <paramref name="other"/>, which is over the same ordinals.</summary>
    public void Subtract(Bitset other)
    {
        var words = Words;
        for (var i = 0; i < words.Length; i++)
        {
            words[i] &= ~other._words[i];
        }
    }

    private void Resize(int size)
    {
        _size = size;
        if (_words.Length < (size + 63) / 64)
        {
            _words = new ulong[Math.Max((size + 63) / 64, _words.Length * 2)];
        }
    }
}
