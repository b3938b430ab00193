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

    /// <summary>Ordinals are below it.</summary>
    public int Size => _size;

    /// <summary>Ordinals in the set.</summary>
    public int Count
    {
        get
        {
            // Four sums: an addition does not wait for the one before.
            var words = Words;
            var (a, b, c, d) = (0, 0, 0, 0);
            for (; words.Length >= 4; words = words[4..])
            {
                a += BitOperations.PopCount(words[0]);
                b += BitOperations.PopCount(words[1]);
                c += BitOperations.PopCount(words[2]);
                d += BitOperations.PopCount(words[3]);
            }

            foreach (var word in words)
            {
                a += BitOperations.PopCount(word);
            }

            return a + b + c + d;
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
        var mine = Words;
        var their = other.Words;
        var i = 0;
        for (; i <= mine.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            (new Vector<ulong>(mine[i..]) & new Vector<ulong>(their[i..])).CopyTo(mine[i..]);
        }

        for (; i < mine.Length; i++)
        {
            mine[i] &= their[i];
        }
    }

    /// <summary>Adds what is in <paramref name="other"/>, which is over the same ordinals.</summary>
    public void UnionWith(Bitset other)
    {
        var mine = Words;
        var their = other.Words;
        var i = 0;
        for (; i <= mine.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            (new Vector<ulong>(mine[i..]) | new Vector<ulong>(their[i..])).CopyTo(mine[i..]);
        }

        for (; i < mine.Length; i++)
        {
            mine[i] |= their[i];
        }
    }

    /// <summary>
    /// Takes out what is in <paramref name="other"/>, which is over the same ordinals; returns how many that were.
    /// </summary>
    public int Subtract(Bitset other)
    {
        var mine = Words;
        var their = other.Words;
        var (i, count) = (0, 0);
        for (; i <= mine.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            // Mostly few are taken out, so most vectors have nothing to count.
            if ((new Vector<ulong>(mine[i..]) & new Vector<ulong>(their[i..])) != Vector<ulong>.Zero)
            {
                count += Subtract(mine.Slice(i, Vector<ulong>.Count), their[i..]);
            }
        }

        return count + Subtract(mine[i..], their[i..]);
    }

    /// <summary>Whether all of it is in <paramref name="other"/>, which is over the same ordinals.</summary>
    public bool IsWithin(Bitset other)
    {
        var mine = Words;
        var their = other.Words;
        var others = Vector<ulong>.Zero;
        var i = 0;
        for (; i <= mine.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            others |= Vector.AndNot(new Vector<ulong>(mine[i..]), new Vector<ulong>(their[i..]));
        }

        var left = others != Vector<ulong>.Zero;
        for (; i < mine.Length; i++)
        {
            left |= (mine[i] & ~their[i]) != 0;
        }

        return !left;
    }

    /// <summary>Makes it equal to words over 0..<paramref name="size"/>-1.</summary>
    public void Set(int size, ReadOnlySpan<ulong> words)
    {
        Resize(size);
        words.CopyTo(Words);
    }

    private static int Subtract(Span<ulong> mine, ReadOnlySpan<ulong> their)
    {
        var count = 0;
        for (var i = 0; i < mine.Length; i++)
        {
            count += BitOperations.PopCount(mine[i] & their[i]);
            mine[i] &= ~their[i];
        }

        return count;
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
