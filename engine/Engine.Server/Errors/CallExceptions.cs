namespace Engine.Server.Errors;

/// <summary>A workspace, snapshot, pool or audience of that name does not exist.</summary>
internal sealed class NotFoundException(string message) : InputException(message);

/// <summary>The call is in the contract but this engine does not answer it; the message says why and what to do instead.</summary>
internal sealed class NotAnsweredException(string message) : InputException(message);

/// <summary>The state of the engine does not allow the call, for instance a rollback without anything to roll back to.</summary>
internal sealed class StateException(string message) : InputException(message);

/// <summary>The workspace serves nothing yet; the message says why.</summary>
internal sealed class NotServingException(string message) : InputException(message);
