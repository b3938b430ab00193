namespace Engine.Tables.Rows;

/// <summary>One column of a table cannot be read; the table's other columns may be readable.</summary>
public sealed class TableColumnException : TableException
{
    /// <summary>An error with its message: found, expected, what to do.</summary>
    public TableColumnException(string column, string message, Exception? innerException = null)
        : base(message, innerException) => Column = column;

    /// <summary>The column that cannot be read.</summary>
    public string Column { get; }
}
