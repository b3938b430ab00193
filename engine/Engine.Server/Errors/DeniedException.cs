namespace Engine.Server.Errors;

/// <summary>A setting of the engine does not allow it; the message names the setting.</summary>
internal sealed class DeniedException(string message) : InputException(message);
