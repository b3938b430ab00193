using System.Globalization;
using System.Text;
using Engine.Tables.Rows;

namespace Engine.Tables.Csv;

/// <summary>One CSV file, plain or compressed with gzip, written as its <see cref="CsvFormat"/> says.</summary>
internal sealed class CsvTableReader : TableReader
{
    private const char ReplacementCharacter = '\uFFFD';

    private readonly FileStream _file;
    private readonly StreamReader _text;
    private readonly CsvTokenizer _tokens;
    private readonly CsvFormat _format;
    private readonly int _headerCount;
    private readonly int[] _places;
    private bool _firstIsRow;

    public CsvTableReader(string path, IReadOnlyList<string>? columns, CsvFormat format)
    {
        (File, _format) = (path, format);
        var encoding = format.Encoding is null ? Encoding.UTF8 : TextEncodings.Find(format.Encoding);
        _file =
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            var bytes = GzipFile.Open(_file, path);
            _text = new StreamReader(bytes, encoding, detectEncodingFromByteOrderMarks: true, 1 << 16);
            _tokens = new CsvTokenizer(_text, separator: format.Separator ?? ',');
            var header = ReadHeader();
            _headerCount = header.Length;
            Columns = columns ?? header;
            _places = columns is null
                ? [.. Enumerable.Range(0, header.Length)]
                : Locate(path, header, columns, () => Hint(header, columns));
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
        if (_firstIsRow)
        {
            _firstIsRow = false;
            return true;
        }

        try
        {
            var any = _tokens.Read();
            if (any && _headerCount > 1 && Fault != RowFault.None)
            {
                RefuseLostRows();
            }

            return any;
        }
        catch (Exception e) when (e is IOException or TableException)
        {
            throw new TableException(string.Create(
                CultureInfo.InvariantCulture,
                $"{File} cannot be read past line {_tokens.Line}: {e.Message}"), e);
        }
    }

    public override ReadOnlySpan<char> Text(int column) => _tokens.Cell(_places[column]);

    public override string RowText(int limit)
    {
        var record = _tokens.Record;
        return record.Length <= limit ? record.ToString() : string.Concat(record[..limit], "...");
    }

    public override ulong RowHash() => TextHash.Compute(_tokens.Record);

    // A bad row that stands for many: it would be rejected as one, and they would be lost in silence.
    private void RefuseLostRows()
    {
        var row = _tokens.Record;
        if (row.Contains('\0'))
        {
            throw new TableException(FormattableString.Invariant(
                $"found NUL bytes in line {_tokens.Line}; expected text. A part of the file is lost, as after a crash ")
                + "or a copy that was cut off: write or copy it again. If it is UTF-16, set 'encoding' in the "
                + "mapping.");
        }

        if (row.Contains('\r') && row.Count(_tokens.Separator) >= 2 * (_headerCount - 1))
        {
            throw new TableException(FormattableString.Invariant(
                $"found several rows in line {_tokens.Line}, which end with CR alone; expected LF, as behind other ")
                + "rows. Convert the line ends, for example with `tr '\\r' '\\n'`.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        _text?.Dispose();
        _file.Dispose();
    }

    private string[] ReadHeader()
    {
        var any = Read();
        // Spreadsheets write the separator into a line of its own: sep=;
        if (any && _tokens.Record is ['s' or 'S', 'e' or 'E', 'p' or 'P', '=', var said])
        {
            if (_format.Separator is { } mapped && mapped != said)
            {
                throw new TableException(
                    $"{File} begins with 'sep={said}', but the mapping says that the separator is '{mapped}': "
                    + "correct 'separator' in the mapping.");
            }

            _tokens.Separator = said;
            any = Read();
        }

        if (!any)
        {
            throw new TableException(
                $"{File} is empty: {(_format.Header ? "a header line with the column names" : "rows")} was expected.");
        }

        _firstIsRow = !_format.Header;
        var header = new string[_tokens.Count];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = _format.Header ? _tokens.Cell(i).ToString() : CsvFormat.ColumnName(i);
        }

        return header;
    }

    private static bool IsWide(string? encoding) =>
        encoding is not null && TextEncodings.Find(encoding).GetByteCount("a") > 1;

    /// <summary>
    /// Why a column may be missing although it is in the file: another separator, another encoding, no header line.
    /// </summary>
    private string Hint(string[] header, IReadOnlyList<string> wanted)
    {
        var guess = CsvSniffer.Inspect(File);
        return header.Any(name => name.AsSpan().ContainsAny(ReplacementCharacter, '\0'))
            && guess.Encoding is { } encoding && _format.Encoding is null
                ? $"Its text is not UTF-8; it looks like {encoding}: set 'encoding' to '{encoding}' in the mapping."
            : guess.Encoding is null && IsWide(_format.Encoding)
                ? $"Its text is not {_format.Encoding}; it looks like UTF-8: remove 'encoding' from the mapping."
            : guess.Separator is { } separator && separator != _tokens.Separator
                ? $"Its separator looks like {CsvSniffer.Describe(separator)}: set 'separator' to it in the mapping, "
                    + "or write a file without a mapping with commas."
            : _format.Header && !header.Any(wanted.Contains)
                ? "Name one of these in the mapping. If its first line is a row and not a header, "
                    + "set 'header' to false and name the columns column1, column2, ..."
            : "Name one of these in the mapping.";
    }
}
