namespace Engine.Server.Errors;

/// <summary>The workspace serves nothing yet; the message gives the reason.</summary>
internal sealed class NotServingException(string message) : InputException(message);
