using System.Buffers.Binary;

namespace Engine.Tables.Parquet.Writing;

/// <summary>
/// Takes the cells of one column of one row group and makes a chunk of them. Values go through a dictionary at first;
/// where more than half of them are new ones, the column goes on with plain values to its end.
/// </summary>
internal abstract class ColumnEncoder(ParquetField field, int capacity)
{
    /// <summary>Different values up to which a dictionary is kept whatever it saves.</summary>
    private const int SmallDictionary = 4096;

    private readonly ParquetChunk _chunk = new();
    private readonly ByteBuffer _plain = new();
    private readonly byte[] _present = new byte[(capacity + 7) / 8];
    private readonly int[] _codes = new int[capacity];
    private int _rows;
    private int _values;

    /// <summary>The column; its cells may be null.</summary>
    public ParquetField Field { get; } = field with { Optional = true };

    /// <summary>The finished chunk.</summary>
    public ParquetChunk Chunk => _chunk;

    /// <summary>Whether values still go through the dictionary.</summary>
    protected bool HasDictionary { get; private set; } = true;

    /// <summary>Different values in the dictionary.</summary>
    protected abstract int Distinct { get; }

    /// <summary>Adds an empty cell.</summary>
    public void AddNull() => _rows++;

    /// <summary>
    /// Ends the row group: <see cref="Chunk"/> holds it until the next end, and the next group begins.
    /// </summary>
    public void Finish()
    {
        var page = _chunk.Begin();
        if (HasDictionary)
        {
            for (var code = 0; code < Distinct; code++)
            {
                AppendPlain(code, page);
            }

            page = _chunk.EndDictionary(Distinct);
            AppendLevels(page);
            var bits = ParquetChunk.BitsFor(Distinct);
            page.Add((byte)bits);
            ParquetChunk.AddPacked(page, _codes.AsSpan(0, _values), bits);
        }
        else
        {
            AppendLevels(page);
            page.Add(_plain.Memory.Span);
        }

        _chunk.EndData(_rows);
        Array.Clear(_present);
        (_rows, _values) = (0, 0);
        _plain.Clear();
        Forget();
    }

    /// <summary>Counts a cell with a value in.</summary>
    /// <returns>Where its plain form goes.</returns>
    protected ByteBuffer AddPlain()
    {
        _present[_rows >> 3] |= (byte)(1 << (_rows & 7));
        _rows++;
        return _plain;
    }

    /// <summary>Adds a cell by its place in the dictionary.</summary>
    protected void AddCode(int code)
    {
        _present[_rows >> 3] |= (byte)(1 << (_rows & 7));
        _rows++;
        _codes[_values++] = code;
        if (Distinct > SmallDictionary && Distinct > _values >> 1)
        {
            foreach (var earlier in _codes.AsSpan(0, _values))
            {
                AppendPlain(earlier, _plain);
            }

            HasDictionary = false;
            Forget();
        }
    }

    /// <summary>Appends a value of the dictionary in its plain form.</summary>
    protected abstract void AppendPlain(int code, ByteBuffer output);

    /// <summary>Empties the dictionary.</summary>
    protected abstract void Forget();

    /// <summary>
    /// Definition levels of one bit: a run of ones, or bits packed by eight; their length stands before them.
    /// </summary>
    private void AppendLevels(ByteBuffer page)
    {
        var levels = new ByteBuffer();
        if (_present.AsSpan(0, _rows >> 3).IndexOfAnyExcept((byte)0xFF) < 0
            && ((_rows & 7) == 0 || _present[_rows >> 3] == (1 << (_rows & 7)) - 1))
        {
            ParquetChunk.AddRun(levels, 1, _rows, 1);
        }
        else
        {
            var groups = (_rows + 7) / 8;
            CompactThrift.Varint(levels, ((ulong)(uint)groups << 1) | 1);
            levels.Add(_present.AsSpan(0, groups));
        }

        BinaryPrimitives.WriteInt32LittleEndian(page.Take(sizeof(int)), levels.Length);
        page.Add(levels.Memory.Span);
    }
}

/// <summary>A column of texts.</summary>
internal sealed class TextEncoder(string name, int capacity)
    : ColumnEncoder(new ParquetField(name, ParquetType.Text), capacity)
{
    private readonly TextDictionary _texts = new();

    protected override int Distinct => _texts.Count;

    /// <summary>Adds a cell.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        if (HasDictionary)
        {
            AddCode(_texts.Code(text));
        }
        else
        {
            AddPlain().AddPrefixed(text);
        }
    }

    protected override void AppendPlain(int code, ByteBuffer output) => output.AddPrefixed(_texts[code]);

    protected override void Forget() => _texts.Clear();
}

/// <summary>A column of values of 64 bits.</summary>
internal sealed class WordEncoder(string name, ParquetType type, int capacity)
    : ColumnEncoder(new ParquetField(name, type), capacity)
{
    private readonly WordDictionary _words = new();

    protected override int Distinct => _words.Count;

    /// <summary>Adds a cell.</summary>
    public void Add(ulong word)
    {
        if (HasDictionary)
        {
            AddCode(_words.Code(word));
        }
        else
        {
            AddPlain().Add(word);
        }
    }

    protected override void AppendPlain(int code, ByteBuffer output) => output.Add(_words[code]);

    protected override void Forget() => _words.Clear();
}
