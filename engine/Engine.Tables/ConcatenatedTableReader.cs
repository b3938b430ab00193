using Engine.Tables.Csv;
using Engine.Tables.Rows;

namespace Engine.Tables;

/// <summary>The files of one table, one after the other; each must have the wanted columns, in any order.</summary>
internal sealed class ConcatenatedTableReader : TableReader
{
    private readonly List<string> _files;
    private readonly long[] _sizes;
    private readonly IReadOnlyList<string> _columns;
    private readonly CsvFormat _csv;
    private TableReader _current;
    private int _index;
    private long _doneBefore;

    public ConcatenatedTableReader(List<string> files, IReadOnlyList<string>? columns, CsvFormat csv)
    {
        _csv = csv;
        _files = files;
        _sizes = files.ConvertAll(file => new FileInfo(file).Length).ToArray();
        _current = TableFile.OpenFile(files[0], columns, csv);
        _columns = _current.Columns;
        Unreadable = _current.Unreadable;
    }

    public override string File => _current.File;

    public override long Line => _current.Line;

    public override IReadOnlyList<string> Columns => _columns;

    public override IReadOnlyList<TableColumnException> Unreadable { get; }

    public override RowFault Fault => _current.Fault;

    public override (long Done, long Total) Bytes => (_doneBefore + _current.Bytes.Done, _sizes.Sum());

    public override bool Read()
    {
        while (!_current.Read())
        {
            if (_index + 1 == _files.Count)
            {
                return false;
            }

            _current.Dispose();
            _doneBefore += _sizes[_index++];
            _current = TableFile.OpenFile(_files[_index], _columns, _csv);
        }

        return true;
    }

    public override ReadOnlySpan<char> Text(int column) => _current.Text(column);

    public override bool IsText(int column) => _current.IsText(column);

    public override string RowText(int limit) => _current.RowText(limit);

    public override ulong RowHash() => _current.RowHash();

    protected override void Dispose(bool disposing) => _current.Dispose();
}
