using System.Net;
using System.Net.Sockets;

namespace Engine.Demo;

/// <summary>Where the engine will listen.</summary>
/// <param name="Grpc">http://ADDRESS:PORT of gRPC (cleartext HTTP/2).</param>
/// <param name="Http">http://ADDRESS:PORT of HTTP/JSON.</param>
/// <param name="Console">http://ADDRESS:PORT of the console.</param>
internal sealed record Endpoints(string Grpc, string Http, string Console)
{
    /// <summary>As the engine's --console wants it.</summary>
    public string ConsoleUrl => $"console{Console["http".Length..]}";

    /// <summary>As the engine's --urls wants them.</summary>
    public string Urls => $"grpc{Grpc["http".Length..]};{Http}";

    /// <summary>The stated ones, or two free loopback ports.</summary>
    /// <exception cref="DemoException">The stated ones lack gRPC or HTTP/JSON.</exception>
    public static Endpoints Choose(string? urls)
    {
        // Held together, so that they differ.
        using var console = Free();
        if (urls is null)
        {
            using var first = Free();
            using var second = Free();
            return new Endpoints(
                $"http://{first.LocalEndpoint}", $"http://{second.LocalEndpoint}", $"http://{console.LocalEndpoint}");
        }

        var parts = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var grpc = Array.Find(parts, part => part.StartsWith("grpc://", StringComparison.Ordinal));
        var http = Array.Find(parts, part => part.StartsWith("http://", StringComparison.Ordinal));
        return grpc is not null && http is not null
            ? new Endpoints($"http{grpc["grpc".Length..]}", http, $"http://{console.LocalEndpoint}")
            : throw new DemoException($"found --urls '{urls}', expected grpc://ADDRESS:PORT;http://ADDRESS:PORT");
    }

    private static TcpListener Free()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
