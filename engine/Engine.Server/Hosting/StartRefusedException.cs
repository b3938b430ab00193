namespace Engine.Server.Hosting;

/// <summary>
/// The server does not start because everybody could listen or call; the message says how to go on. Exit code 2.
/// </summary>
internal sealed class StartRefusedException(string message) : InputException(message);
