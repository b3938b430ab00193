using System.IO.Compression;
using System.Text;
using Engine.Tables.Rows;

namespace Engine.Tables.Csv;

/// <summary>One CSV file (UTF-8, or what its byte order mark says), plain or compressed with gzip.</summary>
internal sealed class CsvTableReader : TableReader
{
    private readonly FileStream _file;
    private readonly StreamReader _text;
    private readonly CsvTokenizer _tokens;
    private readonly int _headerCount;
    private readonly int[] _places;

    public CsvTableReader(string path, IReadOnlyList<string>? columns)
    {
        File = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        Stream bytes = TableFiles.IsCompressed(path) ? new GZipStream(_file, CompressionMode.Decompress) : _file;
        _text = new StreamReader(bytes, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 1 << 16);
        _tokens = new CsvTokenizer(_text);
        try
        {
            var header = ReadHeader();
            _headerCount = header.Length;
            Columns = columns ?? header;
            _places = Locate(path, header, Columns);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string File { get; }

    public override long Line => _tokens.Line;

    public override IReadOnlyList<string> Columns { get; }

    public override RowFault Fault =>
        _tokens.Fault != RowFault.None ? _tokens.Fault
        : _tokens.Count == _headerCount ? RowFault.None
        : RowFault.WrongCellCount;

    public override (long Done, long Total) Bytes => (_file.Position, _file.Length);

    public override bool Read()
    {
        try
        {
            return _tokens.Read();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or TableException)
        {
            throw new TableException($"{File} cannot be read past line {_tokens.Line}: {e.Message}", e);
        }
    }

    public override ReadOnlySpan<char> Text(int column) => _tokens.Cell(_places[column]);

    public override string RowText(int limit)
    {
        var record = _tokens.Record;
        return record.Length <= limit ? record.ToString() : string.Concat(record[..limit], "...");
    }

    protected override void Dispose(bool disposing)
    {
        _text.Dispose();
        _file.Dispose();
    }

    private string[] ReadHeader()
    {
        if (!Read())
        {
            throw new TableException($"{File} is empty: a header line with the column names was expected.");
        }

        var header = new string[_tokens.Count];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = _tokens.Cell(i).ToString();
        }

        return header;
    }
}
