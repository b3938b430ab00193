using System.Net;
using System.Net.Sockets;

namespace Engine.Demo;

/// <summary>Where the engine will listen.</summary>
/// <param name="Grpc">http://ADDRESS:PORT of gRPC (cleartext HTTP/2).</param>
/// <param name="Http">http://ADDRESS:PORT of HTTP/JSON.</param>
internal sealed record Endpoints(string Grpc, string Http)
{
    /// <summary>As the engine's --urls wants them.</summary>
    public string Urls => $"grpc{Grpc["http".Length..]};{Http}";

    /// <summary>The stated ones, or two free loopback ports.</summary>
    /// <exception cref="DemoException">The stated ones lack gRPC or HTTP/JSON.</exception>
    public static Endpoints Choose(string? urls)
    {
        if (urls is null)
        {
            // Held together, so that they differ.
            using var first = Free();
            using var second = Free();
            return new Endpoints($"http://{first.LocalEndpoint}", $"http://{second.LocalEndpoint}");
        }

        var parts = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var grpc = Array.Find(parts, part => part.StartsWith("grpc://", StringComparison.Ordinal));
        var http = Array.Find(parts, part => part.StartsWith("http://", StringComparison.Ordinal));
        return grpc is not null && http is not null
            ? new Endpoints($"http{grpc["grpc".Length..]}", http)
            : throw new DemoException($"found --urls '{urls}', expected grpc://ADDRESS:PORT;http://ADDRESS:PORT");
    }

    private static TcpListener Free()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
