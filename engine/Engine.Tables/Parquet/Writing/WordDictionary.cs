namespace Engine.Tables.Parquet.Writing;

/// <summary>Numbers 64-bit words from 0 in the order of their first appearance.</summary>
internal sealed class WordDictionary
{
    private ulong[] _words = new ulong[1 << 6];
    private int[] _slots = new int[1 << 7];

    /// <summary>Different words so far.</summary>
    public int Count { get; private set; }

    /// <summary>The word of a number.</summary>
    public ulong this[int code] => _words[code];

    /// <summary>The number of a word, a new one if it is new.</summary>
    public int Code(ulong word)
    {
        var mask = _slots.Length - 1;
        var slot = Hash(word) & mask;
        while (_slots[slot] is var code and > 0)
        {
            if (_words[code - 1] == word)
            {
                return code - 1;
            }

            slot = (slot + 1) & mask;
        }

        if (Count == _words.Length)
        {
            Array.Resize(ref _words, Count * 2);
        }

        _words[Count++] = word;
        _slots[slot] = Count;
        if (Count << 1 > _slots.Length)
        {
            Grow();
        }

        return Count - 1;
    }

    /// <summary>Forgets all words.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
    }

    private static int Hash(ulong word) => (int)((word * 0x9E3779B97F4A7C15) >> 33);

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var code = 0; code < Count; code++)
        {
            var slot = Hash(_words[code]) & (_slots.Length - 1);
            while (_slots[slot] > 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = code + 1;
        }
    }
}
