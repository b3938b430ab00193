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
    /// <summary>Reads a list separated by ';'.</summary>
    /// <exception cref="InputException">
    /// An entry is not a grpc://, http:// or https:// address with a port, or there are none.
    /// </exception>
    public static IReadOnlyList<ListenAddress> Parse(string urls)
    {
        var parts = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length > 0 ? [.. parts.Select(ParseOne)] : throw Wrong(urls);
    }

    private static ListenAddress ParseOne(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("grpc" or "http" or "https")
            || uri.AbsolutePath is not ("" or "/"))
        {
            throw Wrong(url);
        }

        var port = uri.Port < 0 || (uri.IsDefaultPort && !url.EndsWith($":{uri.Port}", StringComparison.Ordinal))
            ? throw Wrong(url)
            : uri.Port;
        var address = uri.DnsSafeHost == "localhost"
            ? IPAddress.Loopback
            : IPAddress.TryParse(uri.DnsSafeHost, out var parsed) ? parsed : throw Wrong(url);
        return new ListenAddress(new IPEndPoint(address, port), uri.Scheme == "grpc", uri.Scheme == "https");
    }

    private static InputException Wrong(string found) =>
        new($"found --urls '{found}'; expected grpc://ADDRESS:PORT, http://ADDRESS:PORT and https://ADDRESS:PORT "
            + $"separated by ';', for example {ServerOptions.DefaultUrls}");
}
