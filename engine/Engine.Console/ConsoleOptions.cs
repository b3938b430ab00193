using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Engine.WebConsole;

/// <summary>Where the console listens, and what it takes over from its engine.</summary>
public sealed record ConsoleOptions
{
    /// <summary>Address and port; port 0 takes a free one.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>Encrypts the endpoint; null leaves it cleartext.</summary>
    public Action<ListenOptions>? Encrypt { get; init; }

    /// <summary>Whether a request's Host is the engine's: pages of other sites point their own names here.</summary>
    public required Func<HostString, bool> IsOwnHost { get; init; }
}
