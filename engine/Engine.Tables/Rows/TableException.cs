namespace Engine.Tables.Rows;

/// <summary>
/// A table cannot be read or written as asked: the file is absent, is not what its name says, or lacks a column. The
/// message says what was found, what was expected and what to do; command lines print it and exit with 1.
/// </summary>
public class TableException : Exception
{
    /// <summary>An error with its message: found, expected, what to do.</summary>
    public TableException(string message)
        : base(message)
    {
    }

    /// <summary>The same, with the error beneath it.</summary>
    public TableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
