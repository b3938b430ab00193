namespace Engine.Tables.Parquet.Writing;

/// <summary>Numbers texts from 0 in the order of their first appearance; keeps each once, without a string.</summary>
internal sealed class TextDictionary
{
    private char[] _chars = new char[1 << 10];
    private int[] _ends = new int[1 << 6];
    private uint[] _hashes = new uint[1 << 6];
    private int[] _slots = new int[1 << 7];
    private int _length;

    /// <summary>Different texts so far.</summary>
    public int Count { get; private set; }

    /// <summary>The text of a number.</summary>
    public ReadOnlySpan<char> this[int code]
    {
        get
        {
            var start = code == 0 ? 0 : _ends[code - 1];
            return _chars.AsSpan(start, _ends[code] - start);
        }
    }

    /// <summary>The number of a text, a new one if it is new.</summary>
    public int Code(ReadOnlySpan<char> text)
    {
        var hash = (uint)string.GetHashCode(text);
        var mask = _slots.Length - 1;
        var slot = (int)hash & mask;
        while (_slots[slot] is var code and > 0)
        {
            if (_hashes[code - 1] == hash && text.SequenceEqual(this[code - 1]))
            {
                return code - 1;
            }

            slot = (slot + 1) & mask;
        }

        _slots[slot] = Add(text, hash) + 1;
        if (Count << 1 > _slots.Length)
        {
            Grow();
        }

        return Count - 1;
    }

    /// <summary>Forgets all texts.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        (Count, _length) = (0, 0);
    }

    private int Add(ReadOnlySpan<char> text, uint hash)
    {
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
            Array.Resize(ref _hashes, Count * 2);
        }

        if (_chars.Length - _length < text.Length)
        {
            Array.Resize(ref _chars, checked(Math.Max(_length + text.Length, _chars.Length * 2)));
        }

        text.CopyTo(_chars.AsSpan(_length));
        _length += text.Length;
        (_ends[Count], _hashes[Count]) = (_length, hash);
        return Count++;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var code = 0; code < Count; code++)
        {
            var slot = (int)_hashes[code] & (_slots.Length - 1);
            while (_slots[slot] > 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = code + 1;
        }
    }
}
