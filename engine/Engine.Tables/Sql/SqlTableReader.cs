using System.Globalization;
using System.Text;
using Engine.Tables.Rows;
using MySqlConnector;

namespace Engine.Tables.Sql;

/// <summary>
/// The rows of one query, in a stream over the text protocol. Cells are text as in every <see cref="TableReader"/>; a
/// zero date is an empty cell. Failures, also in the middle, are <see cref="SourceException"/>s.
/// </summary>
public sealed class SqlTableReader : TableReader
{
    private readonly SqlSource _source;
    private readonly string _action;
    private readonly long _expected;
    private readonly MySqlConnection _connection;
    private readonly MySqlCommand _command;
    private readonly MySqlDataReader _rows = null!;
    private readonly SqlCell[] _cells = [];
    private long _line;
    private bool _ended;
    private bool _isWhole;

    internal SqlTableReader(
        SqlSource source, string action, string sql, IReadOnlyList<object> parameters, long expected)
    {
        (_source, _action, _expected) = (source, action, expected);
        _connection = source.Connect();
        _command = new MySqlCommand(sql, _connection);
        for (var i = 0; i < parameters.Count; i++)
        {
            _command.Parameters.AddWithValue("@" + i.ToString(CultureInfo.InvariantCulture), parameters[i]);
        }

        try
        {
            _rows = _command.ExecuteReader();
            _cells = SqlCell.All(_rows);
        }
        catch (Exception e)
        {
            _ended = true;
            Dispose(true);
            if (SourceFailure.Concerns(e))
            {
                throw SourceFailure.Explain(source.Settings, action, e);
            }

            throw;
        }

        Columns = [.. Enumerable.Range(0, _cells.Length).Select(_rows.GetName)];
        Compared = _cells
            .Zip(Columns)
            .ToDictionary(pair => pair.Second, pair => pair.First.Compared, StringComparer.Ordinal);
        Shape = [.. _cells.Zip(Columns, (cell, name) => new TableColumn(name, cell.Type))];
    }

    /// <inheritdoc/>
    public override string File => _source.Settings.Place();

    /// <inheritdoc/>
    public override long Line => _line;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; }

    /// <summary>The columns with the types that <see cref="CopyRow"/> writes.</summary>
    public IReadOnlyList<TableColumn> Shape { get; }

    /// <summary>
    /// For each column the type by which the server compares its values: unsigned and decimal numbers, which are stored
    /// as text, are numbers.
    /// </summary>
    public IReadOnlyDictionary<string, ColumnType> Compared { get; }

    /// <inheritdoc/>
    public override RowFault Fault => RowFault.None;

    /// <inheritdoc/>
    public override (long Done, long Total) Bytes => (_line, Math.Max(_line, _expected));

    /// <inheritdoc/>
    public override bool Read()
    {
        try
        {
            _isWhole = _ended = !_rows.Read();
        }
        catch (Exception e) when (SourceFailure.Concerns(e))
        {
            _ended = true;
            throw SourceFailure.Explain(_source.Settings, string.Create(
                CultureInfo.InvariantCulture,
                $"{_action}, after {_line} rows,"), e);
        }

        _line += _ended ? 0 : 1;
        return !_ended;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<char> Text(int column) => IsNull(column) ? default : _cells[column].Text(_rows);

    /// <inheritdoc/>
    public override bool IsText(int column) => _cells[column].Compared == ColumnType.Text;

    /// <summary>Whether the cell is NULL, or a zero date.</summary>
    public bool IsNull(int column) => _cells[column].IsNull(_rows);

    /// <summary>Writes the current row; the writer has the columns of <see cref="Shape"/>.</summary>
    public void CopyRow(TableWriter writer)
    {
        foreach (var cell in _cells)
        {
            cell.Copy(_rows, writer);
        }

        writer.EndRow();
    }

    /// <inheritdoc/>
    public override string RowText(int limit)
    {
        var row = new StringBuilder();
        for (var i = 0; i < _cells.Length && row.Length <= limit; i++)
        {
            row.Append(i > 0 ? "," : "").Append(Text(i));
        }

        return row.Length <= limit ? row.ToString() : string.Concat(row.ToString(0, limit), "...");
    }

    /// <summary>
    /// Ends the query on the server too: closing alone would read all its rows. On a connection that has fallen silent
    /// either may wait for ever, so a reader that did not come to its end waits for them no longer than for a
    /// connection, and not at all after a failure.
    /// </summary>
    protected override void Dispose(bool disposing)
    {
        if (_isWhole)
        {
            Close();
            return;
        }

        // A thread of its own: one that never comes back must not be missing elsewhere.
        var closing = Task.Factory.StartNew(
            Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        closing.Wait(_ended ? TimeSpan.Zero : TimeSpan.FromSeconds(_source.Settings.ConnectSeconds));
    }

    private void Close()
    {
        try
        {
            if (!_ended)
            {
                _command.Cancel();
            }

            _rows?.Dispose();
            _command.Dispose();
            _connection.Dispose();
        }
        catch (Exception e) when (SourceFailure.Concerns(e))
        {
            // The connection is lost, and the query with it.
            _command.Dispose();
            _connection.Dispose();
        }
    }
}
