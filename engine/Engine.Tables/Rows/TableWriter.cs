using System.Globalization;
using Engine.Tables.Sql;

namespace Engine.Tables.Rows;

/// <summary>
/// Writes a table in a stream: as CSV (.csv, .csv.gz), as Parquet (.parquet) or into a database
/// (<see cref="SqlTableWriter"/>). The table is complete or absent: <see cref="Complete"/> makes it appear; without
/// that nothing does.
/// </summary>
/// <remarks>Call one Write per column, left to right, then <see cref="EndRow"/>.</remarks>
public abstract class TableWriter : IDisposable
{
    private int _column;

    private protected TableWriter(IReadOnlyList<TableColumn> columns) => Columns = columns;

    /// <summary>The columns, left to right.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Writes a text cell; the empty text is null.</summary>
    public void Write(ReadOnlySpan<char> value) => WriteText(Next(ColumnType.Text), value);

    /// <summary>Writes a text cell that is a string already.</summary>
    public void Write(string value) => WriteString(Next(ColumnType.Text), value);

    /// <summary>Writes a whole number.</summary>
    public void Write(long value) => WriteInteger(Next(ColumnType.WholeNumber), value);

    /// <summary>Writes a number. Errors: <see cref="ArgumentException"/> for NaN and infinities.</summary>
    public void Write(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{value} is not a number that a table may hold"), nameof(value));
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
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"the row has {_column} cells, expected {Columns.Count}"));
        }

        _column = 0;
        Rows++;
        FinishRow();
    }

    /// <summary>Makes the table appear, whole.</summary>
    public abstract void Complete();

    /// <summary>Lets go; of a table that was not completed nothing remains.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go; of a table that was not completed nothing remains.</summary>
    protected abstract void Dispose(bool disposing);

    private protected abstract void WriteText(int column, ReadOnlySpan<char> value);

    private protected virtual void WriteString(int column, string value) => WriteText(column, value);

    private protected abstract void WriteInteger(int column, long value);

    private protected abstract void WriteNumber(int column, double value);

    private protected abstract void WriteTime(int column, DateTime value);

    private protected abstract void WriteNull(int column);

    private protected abstract void FinishRow();

    private int Next(ColumnType? type)
    {
        var column = _column < Columns.Count ? Columns[_column] : null;
        if (column is null || (type is not null && column.Type != type))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"cell {_column + 1} is {type?.ToString() ?? "null"}, "
                    + $"expected {column?.Type.ToString() ?? "the end of the row"}"));
        }

        return _column++;
    }
}
