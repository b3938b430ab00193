using System.Text;
using Engine.Tables.Rows;
using Parquet;
using Parquet.Schema;

namespace Engine.Tables.Parquet;

/// <summary>
/// One Parquet file of flat columns. Holds the wanted columns of two row groups at a time, the one that is read and the next
/// one, which another thread decodes meanwhile: memory is bounded by the writer's row group size.
/// </summary>
internal sealed class ParquetTableReader : TableReader
{
    private readonly FileStream _file;
    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;
    private ParquetColumn[] _columns = [];
    private Task<(ParquetColumn[] Columns, long Rows)>? _ahead;
    private int _nextGroup;
    private long _left;
    private long _line;

    public ParquetTableReader(string path, IReadOnlyList<string>? columns)
    {
        File = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.RandomAccess);
        try
        {
            _reader = Wait(() => ParquetReader.CreateAsync(_file));
            var flat = _reader.Schema.GetDataFields().Where(f => f.MaxRepetitionLevel == 0 && f.Path.Length == 1).ToArray();
            var names = flat.Select(f => f.Name).ToArray();
            Columns = columns ?? names;
            _fields = Locate(path, names, Columns).Select(place => flat[place]).ToArray();
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

    public override RowFault Fault => RowFault.None;

    public override (long Done, long Total) Bytes =>
        (_file.Length * _nextGroup / Math.Max(1, _reader.RowGroupCount), _file.Length);

    public override bool Read()
    {
        while (_left == 0)
        {
            if (_nextGroup == _reader.RowGroupCount)
            {
                return false;
            }

            TakeNext();
        }

        _left--;
        _line++;
        foreach (var column in _columns)
        {
            column.Step();
        }

        return true;
    }

    public override ReadOnlySpan<char> Text(int column) => _columns[column].Text();

    public override string RowText(int limit)
    {
        var row = new StringBuilder();
        for (var i = 0; i < _columns.Length && row.Length <= limit; i++)
        {
            row.Append(i > 0 ? "," : "").Append(_columns[i].Text());
        }

        return row.Length <= limit ? row.ToString() : string.Concat(row.ToString(0, limit), "...");
    }

    protected override void Dispose(bool disposing)
    {
        Release(_columns);
        if (_ahead is { } ahead)
        {
            // What failed there was never asked for.
            ((IAsyncResult)ahead).AsyncWaitHandle.WaitOne();
            Release(ahead.IsCompletedSuccessfully ? ahead.Result.Columns : []);
        }

        (_columns, _ahead) = ([], null);

        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _file.Dispose();
    }

    private void TakeNext()
    {
        Release(_columns);
        (_columns, _left) = ([], 0);
        (_columns, _left) = _ahead is null ? Decode(_nextGroup) : _ahead.GetAwaiter().GetResult();
        var next = ++_nextGroup;
        // The library's reader serves one row group at a time: nobody else uses it until the task has ended.
        _ahead = next < _reader.RowGroupCount ? Task.Run(() => Decode(next)) : null;
    }

    private (ParquetColumn[] Columns, long Rows) Decode(int group)
    {
        using var rows = _reader.OpenRowGroupReader(group);
        var columns = new ParquetColumn[_fields.Length];
        try
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var field = _fields[i];
                columns[i] = ParquetColumn.Create(File, field, Wait(() => rows.ReadRawColumnDataBaseAsync(field).AsTask()));
            }
        }
        catch
        {
            Release(columns);
            throw;
        }

        return (columns, rows.RowCount);
    }

    private static void Release(ParquetColumn[] columns)
    {
        foreach (var column in columns)
        {
            column?.Dispose();
        }
    }

    /// <summary>Runs the library's asynchronous call to its end; the file is local and the caller is a batch program.</summary>
    private T Wait<T>(Func<Task<T>> call)
    {
        try
        {
            return call().GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // the library answers damaged bytes with many kinds of exception
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new TableException(
                $"{File} cannot be read as Parquet: {e.Message} Check that it was written completely.", e);
        }
    }
}
