using System.Text;
using Engine.Tables.Rows;
using ParquetSharp;

namespace Engine.Tables.Parquet.Reading;

/// <summary>
/// One Parquet file. Holds the wanted columns of two row groups at a time, the one that is read and the next one, which
/// another thread decodes meanwhile: memory is bounded by the writer's row group size. A row group is checked against
/// what the file says of it before its first row is handed out.
/// </summary>
internal sealed class ParquetTableReader : TableReader
{
    private readonly ParquetFile _file;
    private readonly ParquetField[] _fields;
    private ParquetColumn[]? _columns;
    private ParquetColumn[]? _spare;
    private Task<ParquetColumn[]>? _ahead;
    private int _nextGroup;
    private long _rows;
    private int _row = -1;
    private long _line;

    public ParquetTableReader(string path, IReadOnlyList<string>? columns)
    {
        File = path;
        _file = new ParquetFile(path);
        try
        {
            Unreadable = [.. _file.Fields.Select(field => field.Refusal).OfType<TableColumnException>()];
            Columns = columns ?? [.. _file.Fields.Where(field => field.Refusal is null).Select(field => field.Name)];
            var places = Locate(path, [.. _file.Fields.Select(field => field.Name)], Columns);
            _fields = [.. places.Select(place => _file.Fields[place])];
            if (_fields.Select(field => field.Refusal).FirstOrDefault(refusal => refusal is not null) is { } refused)
            {
                throw refused;
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public override string File { get; }

    public override long Line => _line;

    public override IReadOnlyList<string> Columns { get; }

    public override IReadOnlyList<TableColumnException> Unreadable { get; }

    public override RowFault Fault => RowFault.None;

    public override (long Done, long Total) Bytes =>
        (_file.Length * _nextGroup / Math.Max(1, _file.Groups), _file.Length);

    public override bool Read()
    {
        while (_row + 1 >= _rows)
        {
            if (_nextGroup == _file.Groups)
            {
                return false;
            }

            TakeNext();
        }

        _row++;
        _line++;
        return true;
    }

    public override ReadOnlySpan<char> Text(int column) => _columns![column].Text(_row);

    public override bool IsText(int column) =>
        _fields[column] is
        {
            Physical: PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, Annotation: not LogicalTypeEnum.Decimal,
        };

    public override string RowText(int limit)
    {
        var row = new StringBuilder();
        for (var i = 0; i < _fields.Length && row.Length <= limit; i++)
        {
            row.Append(i > 0 ? "," : "").Append(Text(i));
        }

        return row.Length <= limit ? row.ToString() : string.Concat(row.ToString(0, limit), "...");
    }

    protected override void Dispose(bool disposing)
    {
        // What failed there was never asked for.
        ((IAsyncResult?)_ahead)?.AsyncWaitHandle.WaitOne();
        (_columns, _spare, _ahead) = (null, null, null);
        _file.Dispose();
    }

    private void TakeNext()
    {
        (_spare, _columns, _row, _rows) = (_columns ?? _spare, null, -1, 0);
        _columns = _ahead is null ? Decode(_nextGroup, TakeSpare()) : _ahead.GetAwaiter().GetResult();
        _rows = _file.Rows(_nextGroup);
        var next = ++_nextGroup;
        // The file serves one row group at a time: nobody else uses it until the task has ended.
        var columns = next < _file.Groups ? TakeSpare() : null;
        _ahead = columns is null ? null : Task.Run(() => Decode(next, columns));
    }

    private ParquetColumn[] TakeSpare()
    {
        var columns = _spare ?? [.. _fields.Select(field => ParquetColumns.Find(field)!())];
        _spare = null;
        return columns;
    }

    private ParquetColumn[] Decode(int group, ParquetColumn[] columns)
    {
        _file.Decode(group, columns);
        return columns;
    }
}
