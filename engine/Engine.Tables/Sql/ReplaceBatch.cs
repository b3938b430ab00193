using System.Globalization;
using System.Text;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Builds REPLACE statements of many rows. A statement is full when it has more than <see cref="EnoughRows"/> rows and
/// <see cref="EnoughBytes"/> bytes, or when the next row would lift it above the server's limit.
/// </summary>
internal sealed class ReplaceBatch
{
    /// <summary>Rows below which a statement waits for more, unless it is at the limit.</summary>
    public const int EnoughRows = 1000;

    /// <summary>UTF-8 bytes after which more rows no longer make a statement cheaper.</summary>
    public const int EnoughBytes = 1 << 20;

    private readonly string _head;
    private readonly int _limit;
    private readonly StringBuilder _sql;
    private readonly char[] _number = new char[40];
    private int _rows;
    private int _bytes;
    private int _rowStart;
    private int _rowBytes;

    /// <param name="table">The table.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="limit">The most UTF-8 bytes of a statement.</param>
    public ReplaceBatch(string table, IReadOnlyList<TableColumn> columns, int limit)
    {
        _head = SqlDialect.Replace(table, columns);
        _limit = limit;
        _sql = new StringBuilder(EnoughBytes + (EnoughBytes >> 2));
        Begin();
    }

    /// <summary>Appends a text cell of the current row.</summary>
    public void Append(int column, ReadOnlySpan<char> text)
    {
        Separate(column);
        SqlDialect.AppendText(_sql, text);
        _rowBytes += Encoding.UTF8.GetByteCount(text) + 2;
    }

    /// <summary>Appends a whole number.</summary>
    public void Append(int column, long value)
    {
        Separate(column);
        value.TryFormat(_number, out var length, default, CultureInfo.InvariantCulture);
        _sql.Append(_number, 0, length);
    }

    /// <summary>Appends a number by the shortest text that gives it back.</summary>
    public void Append(int column, double value)
    {
        Separate(column);
        value.TryFormat(_number, out var length, default, CultureInfo.InvariantCulture);
        _sql.Append(_number, 0, length);
    }

    /// <summary>Appends a time to the millisecond.</summary>
    public void Append(int column, DateTime value)
    {
        Separate(column);
        value.TryFormat(_number, out var length, "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        _sql.Append('\'').Append(_number, 0, length).Append('\'');
    }

    /// <summary>Appends NULL.</summary>
    public void AppendNull(int column)
    {
        Separate(column);
        _sql.Append("NULL");
    }

    /// <summary>
    /// Ends the row. Returns a full statement without or with this row, or null. Errors: a row above the limit.
    /// </summary>
    public string? EndRow(long row)
    {
        _sql.Append(')');
        // Escapes add a byte to a character at most; everything but text is ASCII.
        var bytes = _rowBytes + (_sql.Length - _rowStart);
        if (bytes + _head.Length > _limit)
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"row {row} has about {bytes} bytes as SQL, one statement takes {_limit}: shorten its texts."));
        }

        string? full = null;
        if (_bytes + bytes > _limit)
        {
            var text = _sql.ToString(_rowStart + 1, _sql.Length - _rowStart - 1); // without the comma before it
            full = _sql.ToString(0, _rowStart);
            Begin();
            _sql.Append(text);
        }

        _rows++;
        _bytes += bytes;
        _rowStart = _sql.Length;
        _rowBytes = 0;
        return full ?? (_rows > EnoughRows && _bytes >= EnoughBytes ? Take() : null);
    }

    /// <summary>The statement of the rows so far, or null when there are none; a new one begins.</summary>
    public string? Take()
    {
        if (_rows == 0)
        {
            return null;
        }

        var sql = _sql.ToString();
        Begin();
        return sql;
    }

    private void Begin()
    {
        _sql.Clear().Append(_head);
        (_rows, _bytes, _rowStart, _rowBytes) = (0, _head.Length, _sql.Length, 0);
    }

    private void Separate(int column) => _sql.Append(column > 0 ? "," : _rows > 0 ? ",(" : "(");
}
