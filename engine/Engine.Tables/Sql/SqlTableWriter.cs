using System.Globalization;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Writes rows into a table of a database so that its readers see the old rows or the new ones and never a mixture:
/// rows go to a staging table in REPLACE batches; <see cref="TableWriter.Complete"/> counts them and publishes them in
/// one statement (<see cref="Publisher"/>). A killed run leaves a staging table that the next run removes.
/// </summary>
public sealed class SqlTableWriter : TableWriter
{
    private readonly Publisher _publisher;
    private readonly StatementSender _sender;
    private readonly ReplaceBatch _batch;
    private readonly ResultShape _shape;
    private readonly int _partition;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _values;
    private bool _completed;

    /// <summary>
    /// Makes the staging table. Errors: <see cref="TableException"/> when the shape is wrong or does not fit the table
    /// that is there, <see cref="SourceException"/> for the server.
    /// </summary>
    /// <param name="source">Where to; must outlive the writer.</param>
    /// <param name="table">The table; made when it is not there.</param>
    /// <param name="shape">Columns, key and, if only a part of the table is replaced, the partition.</param>
    /// <param name="options">How.</param>
    public SqlTableWriter(SqlSource source, string table, ResultShape shape, SqlWriteOptions options)
        : base(shape.Columns)
    {
        shape.Validate();
        _shape = shape;
        _partition = shape.Partition is { } part
            ? shape.Columns.Select(column => column.Name).ToList().IndexOf(part.Column)
            : -1;
        _values =
            new HashSet<string>(
                shape.Partition?.Values ?? [], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        // Without a key a repeated statement would double its rows: it is sent once.
        var retry = new Retry(options.Time, shape.Key.Count > 0 ? options.Attempts : 1);
        _publisher = new Publisher(source, table, shape, options);
        try
        {
            _publisher.Prepare();
            _batch = new ReplaceBatch(_publisher.Staging, shape.Columns, _publisher.StatementLimit());
        }
        catch
        {
            _publisher.Dispose();
            throw;
        }

        _sender = new StatementSender(source, $"writing {table}", options.Streams, retry, options.Cancel);
    }

    /// <summary>Waits for all rows, counts them, publishes them and counts again.</summary>
    public override void Complete()
    {
        Send(_batch.Take());
        _sender.Finish();
        _publisher.Publish(Rows);
        _completed = true;
    }

    /// <summary>Gives up rows that were not published.</summary>
    protected override void Dispose(bool disposing)
    {
        _sender.Dispose();
        if (!_completed)
        {
            _publisher.Abandon();
        }

        _publisher.Dispose();
    }

    private protected override void WriteText(int column, ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            WriteNull(column);
            return;
        }

        if (column == _partition && !_values.Contains(value))
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"row {Rows + 1} has {_shape.Partition!.Column} = '{value}', "
                    + $"one of {string.Join(", ", _shape.Partition.Values)} was expected: "
                    + $"it would land in a part of the table that is not replaced."));
        }

        _batch.Append(column, value);
    }

    private protected override void WriteInteger(int column, long value) => _batch.Append(column, value);

    private protected override void WriteNumber(int column, double value) => _batch.Append(column, value);

    private protected override void WriteTime(int column, DateTime value) => _batch.Append(column, value);

    private protected override void WriteNull(int column)
    {
        if (_shape.Key.Contains(Columns[column].Name))
        {
            throw new TableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"row {Rows + 1} has no {Columns[column].Name}, which is part of the key: every row needs one."));
        }

        _batch.AppendNull(column);
    }

    private protected override void FinishRow() => Send(_batch.EndRow(Rows));

    private void Send(string? statement)
    {
        if (statement is not null)
        {
            _sender.Send(statement);
        }
    }
}
