namespace Engine.Server.Errors;

/// <summary>A workspace, snapshot, pool, audience or task of that name does not exist.</summary>
internal sealed class NotFoundException(string message) : InputException(message);
