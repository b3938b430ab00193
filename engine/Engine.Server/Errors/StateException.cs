namespace Engine.Server.Errors;

/// <summary>
/// The state of the engine does not allow the call, for example a rollback when no other snapshot was served.
/// </summary>
internal sealed class StateException(string message) : InputException(message);
