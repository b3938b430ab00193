namespace Engine;

/// <summary>
/// What a person asked for or handed over cannot be used. The message says what was found, what was expected and what
/// to do next; command lines print it and exit with 1, servers translate it to a status.
/// </summary>
public class InputException : Exception
{
    /// <summary>An error with its message: found, expected, what to do.</summary>
    public InputException(string message)
        : base(message)
    {
    }

    /// <summary>The same, with the error beneath it.</summary>
    public InputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
