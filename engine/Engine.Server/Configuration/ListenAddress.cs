using System.Net;

namespace Engine.Server.Configuration;

/// <summary>
/// One endpoint. Cleartext HTTP/1.1 and HTTP/2 cannot share a port (nothing in the first bytes is negotiated), so gRPC
/// and HTTP/JSON have one each. With TLS, client and server negotiate, and one port serves both.
/// </summary>
/// <param name="EndPoint">Address and port; port 0 takes a free one.</param>
/// <param name="IsGrpc">Cleartext HTTP/2.</param>
/// <param name="IsTls">Encrypted: both protocols. Neither: cleartext HTTP/1.1.</param>
internal sealed record ListenAddress(IPEndPoint EndPoint, bool IsGrpc, bool IsTls)
{
    /// <summary>All of a server, that of the console last.</summary>
    /// <exception cref="InputException">One of them is none.</exception>
    public static IReadOnlyList<ListenAddress> Of(ServerOptions options) =>
    [
        .. Parse(options.Urls),
        .. options.Console.Length > 0
            ? (ListenAddress[])[ParseConsole(options.Console, options.Access.TlsCertificate.Length > 0)]
            : [],
    ];

    /// <summary>Reads a list separated by ';'.</summary>
    /// <exception cref="InputException">
    /// An entry is not a grpc://, http:// or https:// address with a port, or there are none.
    /// </exception>
    public static IReadOnlyList<ListenAddress> Parse(string urls)
    {
        var parts = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length > 0 ? [.. parts.Select(ParseOne)] : throw Wrong(urls);
    }

    /// <summary>Reads the address of the console.</summary>
    /// <param name="url">console://ADDRESS:PORT.</param>
    /// <param name="isTls">Whether there is a certificate.</param>
    /// <exception cref="InputException">It is none.</exception>
    public static ListenAddress ParseConsole(string url, bool isTls) =>
        EndPointOf(url, ["console"], out _) is { } endpoint
            ? new ListenAddress(endpoint, IsGrpc: false, isTls)
            : throw new InputException(
                $"found --console '{url}'; expected console://ADDRESS:PORT, for example console://127.0.0.1:8081");

    private static ListenAddress ParseOne(string url) =>
        EndPointOf(url, ["grpc", "http", "https"], out var scheme) is { } endpoint
            ? new ListenAddress(endpoint, scheme == "grpc", scheme == "https")
            : throw Wrong(url);

    private static IPEndPoint? EndPointOf(string url, string[] schemes, out string scheme)
    {
        scheme = "";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !schemes.Contains(uri.Scheme, StringComparer.Ordinal)
            || uri.AbsolutePath is not ("" or "/")
            || uri.Port < 0 || (uri.IsDefaultPort && !url.EndsWith($":{uri.Port}", StringComparison.Ordinal)))
        {
            return null;
        }

        scheme = uri.Scheme;
        return uri.DnsSafeHost == "localhost" ? new IPEndPoint(IPAddress.Loopback, uri.Port)
            : IPAddress.TryParse(uri.DnsSafeHost, out var address) ? new IPEndPoint(address, uri.Port)
            : null;
    }

    private static InputException Wrong(string found) =>
        new($"found --urls '{found}'; expected grpc://ADDRESS:PORT, http://ADDRESS:PORT and https://ADDRESS:PORT "
            + $"separated by ';', for example {ServerOptions.DefaultUrls}");
}
