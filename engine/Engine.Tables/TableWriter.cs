namespace Engine.Tables;

/// <summary>
/// Writes a table as CSV (.csv, .csv.gz) or Parquet (.parquet), in a stream. The file is complete or absent: it is written
/// beside its place under a temporary name, and <see cref="Complete"/> renames it; without that nothing appears.
/// </summary>
/// <remarks>Call one Write per column, left to right, then <see cref="EndRow"/>.</remarks>
public abstract class TableWriter : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private int _column;
    private bool _completed;

    private protected TableWriter(string path, IReadOnlyList<TableColumn> columns)
    {
        _path = Path.GetFullPath(path);
        _temporary = $"{_path}.{Environment.ProcessId}.tmp";
        Columns = columns;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TableException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The columns, left to right.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    private protected FileStream File { get; }

    /// <summary>Starts a file in the format that its name ends in.</summary>
    public static TableWriter Create(string path, IReadOnlyList<TableColumn> columns)
    {
        if (TableFiles.IsParquet(path))
        {
            return new ParquetTableWriter(path, columns);
        }

        return path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase)
            ? new CsvTableWriter(path, columns)
            : throw new TableException($"{path} does not end in .csv, .csv.gz or .parquet: choose one of these.");
    }

    /// <summary>Writes a text cell; the empty text is null.</summary>
    public void Write(ReadOnlySpan<char> value) => WriteText(Next(ColumnType.Text), value);

    /// <summary>Writes a whole number.</summary>
    public void Write(long value) => WriteInteger(Next(ColumnType.WholeNumber), value);

    /// <summary>Writes a number. Errors: <see cref="ArgumentException"/> for NaN and infinities.</summary>
    public void Write(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException($"{value} is not a number that a table may hold", nameof(value));
        }

        WriteNumber(Next(ColumnType.Number), value);
    }

    /// <summary>Writes a time, cut to the millisecond.</summary>
    public void Write(DateTime value) => WriteTime(Next(ColumnType.Time), value);

    /// <summary>Writes an empty cell of any type.</summary>
    public void WriteNull() => WriteNull(Next(null));

    /// <summary>Ends the row. Errors: <see cref="InvalidOperationException"/> when columns are missing.</summary>
    public void EndRow()
    {
        if (_column != Columns.Count)
        {
            throw new InvalidOperationException($"the row has {_column} cells, expected {Columns.Count}");
        }

        _column = 0;
        Rows++;
        FinishRow();
    }

    /// <summary>Writes what is buffered, syncs the file and gives it its name.</summary>
    public void Complete()
    {
        FinishFile();
        File.Flush(flushToDisk: true);
        File.Dispose();
        System.IO.File.Move(_temporary, _path, overwrite: true);
        _completed = true;
    }

    /// <summary>Closes the file; one that was not completed disappears.</summary>
    public void Dispose()
    {
        if (!_completed)
        {
            Release();
            File.Dispose();
            System.IO.File.Delete(_temporary);
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void WriteText(int column, ReadOnlySpan<char> value);

    private protected abstract void WriteInteger(int column, long value);

    private protected abstract void WriteNumber(int column, double value);

    private protected abstract void WriteTime(int column, DateTime value);

    private protected abstract void WriteNull(int column);

    private protected abstract void FinishRow();

    private protected abstract void FinishFile();

    private protected virtual void Release()
    {
    }

    private int Next(ColumnType? type)
    {
        var column = _column < Columns.Count ? Columns[_column] : null;
        if (column is null || (type is not null && column.Type != type))
        {
            throw new InvalidOperationException(
                $"cell {_column + 1} is {type?.ToString() ?? "null"}, expected {column?.Type.ToString() ?? "the end of the row"}");
        }

        return _column++;
    }
}
