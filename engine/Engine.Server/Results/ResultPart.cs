using System.Buffers.Binary;
using Engine.Tables.Parquet.Writing;

namespace Engine.Server.Results;

/// <summary>One part of a result in memory: what <see cref="ParquetPartEncoder"/> wrote, by rows.</summary>
internal sealed class ResultPart
{
    private readonly Dictionary<string, TextColumn> _texts = new(StringComparer.Ordinal);
    private byte[] _bytes = [];
    private int[] _ranks = [];
    private int _scores;
    private int _probabilities;
    private int _percentiles;
    private bool _hasRanks;

    /// <summary>Rows.</summary>
    public int Rows { get; private set; }

    /// <summary>The user of each row.</summary>
    public TextColumn Users => _texts["user_id"];

    /// <summary>The product of each row.</summary>
    public TextColumn Items => _texts["item_id"];

    /// <summary>The name of each row's product; null in results of earlier versions.</summary>
    public TextColumn? Names => _texts.GetValueOrDefault(ResultColumns.ItemName);

    /// <summary>What the user of each row did; null when rows have no reasons.</summary>
    public TextColumn? UserReasons => _texts.GetValueOrDefault("user_reason");

    /// <summary>How the product of each row goes with the campaign's; null when rows have no reasons.</summary>
    public TextColumn? ItemReasons => _texts.GetValueOrDefault("item_reason");

    /// <summary>A column of texts.</summary>
    internal TextColumn Texts(string name) => _texts[name];

    /// <summary>Whether scores are those of the re-ranker.</summary>
    public bool IsReranked => _texts.ContainsKey(ResultColumns.Reranked);

    /// <summary>The rank of a row, 1 for the best; 0 when rows have none.</summary>
    public int Rank(int row) => _hasRanks ? _ranks[row] + 1 : 0;

    /// <summary>The score of a row.</summary>
    public float Score(int row) =>
        BinaryPrimitives.ReadSingleLittleEndian(_bytes.AsSpan(_scores + (row * sizeof(float))));

    /// <summary>The probability of a row; null when the result has none.</summary>
    public double? Probability(int row) =>
        _probabilities < 0
            ? null
            : BinaryPrimitives.ReadDoubleLittleEndian(_bytes.AsSpan(_probabilities + (row * sizeof(double))));

    /// <summary>The percentile of a row; null when the result has none.</summary>
    public float? Percentile(int row) =>
        _percentiles < 0
            ? null
            : BinaryPrimitives.ReadSingleLittleEndian(_bytes.AsSpan(_percentiles + (row * sizeof(float))));

    /// <summary>Room for the bytes of a part.</summary>
    internal Span<byte> Begin(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = new byte[length];
        }

        return _bytes.AsSpan(0, length);
    }

    /// <summary>Finds the columns in the bytes.</summary>
    internal void Decode(IReadOnlyList<ResultColumn> columns, JournalEntry entry)
    {
        Rows = entry.Rows;
        _hasRanks = false;
        (_probabilities, _percentiles) = (-1, -1);
        var chunk = 0;
        for (var i = 0; i < columns.Count && Rows > 0; i++)
        {
            var place = ChunkPlace.Read(entry.Detail, i);
            switch (columns[i].Type)
            {
                case ParquetType.Number64:
                    _probabilities = ValuesAt(chunk + place.DataBody);
                    break;
                case ParquetType.Number32 when columns[i].Optional:
                    _percentiles = ValuesAt(chunk + place.DataBody);
                    break;
                case ParquetType.Number32:
                    _scores = chunk + place.DataBody;
                    break;
                case ParquetType.Whole32:
                    _hasRanks = true;
                    IndexPage.Read(_bytes.AsSpan(chunk + place.DataBody), Rows, ref _ranks);
                    break;
                default:
                    if (!_texts.TryGetValue(columns[i].Name, out var text))
                    {
                        _texts.Add(columns[i].Name, text = new TextColumn());
                    }

                    text.Decode(_bytes, chunk, place, Rows);
                    break;
            }

            chunk += place.Length;
        }
    }

    // Behind one run of definition levels, whose last byte says whether there are values.
    private int ValuesAt(int body)
    {
        var values = body + sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(body));
        return _bytes[values - 1] == 1 ? values : -1;
    }
}

/// <summary>A column of texts: each row a place in a dictionary.</summary>
internal sealed class TextColumn
{
    private byte[] _bytes = [];
    private int[] _starts = [];
    private int[] _codes = [];

    /// <summary>Texts of the dictionary.</summary>
    public int Distinct { get; private set; }

    /// <summary>The place of each row's text in the dictionary.</summary>
    public ReadOnlySpan<int> Codes => _codes;

    /// <summary>The text of a row, UTF-8.</summary>
    public ReadOnlySpan<byte> Of(int row) => Text(_codes[row]);

    /// <summary>A text of the dictionary, UTF-8.</summary>
    public ReadOnlySpan<byte> Text(int code) => _bytes.AsSpan(
        _starts[code] + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_starts[code])));

    internal void Decode(byte[] bytes, int chunk, ChunkPlace place, int rows)
    {
        _bytes = bytes;
        Distinct = place.DictionaryValues;
        if (_starts.Length < Distinct)
        {
            _starts = new int[Distinct];
        }

        var at = chunk + place.DictionaryBody;
        for (var i = 0; i < Distinct; i++)
        {
            _starts[i] = at;
            at += sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        }

        IndexPage.Read(bytes.AsSpan(chunk + place.DataBody), rows, ref _codes);
    }
}
