namespace Engine.Server.Errors;

/// <summary>One field of a request is wrong.</summary>
/// <param name="field">Its path in the request, for example recent[0].age_days.</param>
/// <param name="message">Found, expected, what to do.</param>
internal sealed class FieldException(string field, string message) : InputException(message)
{
    /// <summary>The path in the request.</summary>
    public string Field { get; } = field;
}
