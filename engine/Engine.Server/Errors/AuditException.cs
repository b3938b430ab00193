namespace Engine.Server.Errors;

/// <summary>The audit log cannot be written, so nothing was changed.</summary>
internal sealed class AuditException(string message, Exception inner) : InputException(message, inner);
