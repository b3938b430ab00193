namespace Engine.Server.Errors;

/// <summary>The engine does not take more of this now: RESOURCE_EXHAUSTED.</summary>
/// <param name="message">Found, expected, what to do.</param>
/// <param name="retryAfter">When to try again; null when that does not help until somebody deletes something.</param>
internal sealed class ExhaustedException(string message, TimeSpan? retryAfter = null) : InputException(message)
{
    /// <summary>When to try again; null when waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
