using System.Net;
using Engine.Server.Access;
using Engine.Server.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Engine.Server.Hosting;

/// <summary>Opens the listening ports, and refuses those through which everybody could listen or call.</summary>
internal static class Endpoints
{
    // Clients open another connection for more calls at once.
    private const int StreamsPerConnection = 100;

    /// <summary>Checks the addresses against the settings, before any port is open.</summary>
    /// <param name="addresses">All of them.</param>
    /// <param name="options">The settings.</param>
    /// <param name="hasKeys">Whether callers need a key or a token.</param>
    /// <exception cref="StartRefusedException">
    /// An address is not loopback, and has no encryption or no keys.
    /// </exception>
    /// <exception cref="InputException">An https address has no certificate.</exception>
    public static void Check(IReadOnlyList<ListenAddress> addresses, ServerOptions options, bool hasKeys)
    {
        if (addresses.Any(address => address.IsTls) && options.Access.TlsCertificate.Length == 0)
        {
            throw new InputException(
                "an https:// address of --urls needs --tls-certificate: a PEM certificate (with --tls-key) or a PFX");
        }

        foreach (var address in addresses.Where(address => !IPAddress.IsLoopback(address.EndPoint.Address)))
        {
            if (!address.IsTls && !options.Access.AllowCleartext)
            {
                throw new StartRefusedException(
                    $"{address.EndPoint} is reachable from other machines and not encrypted. "
                    + $"Use https://{address.EndPoint} with --tls-certificate, listen on 127.0.0.1, "
                    + "or give --allow-cleartext if something in front of the engine encrypts");
            }

            if (!hasKeys && !options.Access.AllowAnonymous)
            {
                throw new StartRefusedException(
                    $"{address.EndPoint} is reachable from other machines and nobody needs a key. "
                    + $"Make one with `engine key add --snapshots {options.Snapshots} --name NAME --scopes read`, "
                    + "configure tokens with --jwt-keys, listen on 127.0.0.1, or give --allow-anonymous if something "
                    + "in front of the engine decides who gets in");
            }
        }
    }

    /// <summary>Opens the ports.</summary>
    public static void Listen(
        KestrelServerOptions kestrel,
        IReadOnlyList<ListenAddress> addresses,
        BoundEndpoints bound,
        ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.MaxRequestBodySize = (long)options.RequestMebibytes << 20;
        foreach (var address in addresses)
        {
            kestrel.Listen(address.EndPoint, endpoint =>
            {
                endpoint.Protocols = address.IsTls
                    ? HttpProtocols.Http1AndHttp2
                    : address.IsGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1;
                if (address.IsTls)
                {
                    endpoint.UseHttps(kestrel.ApplicationServices.GetRequiredService<ServerCertificates>().Handshake);
                }

                bound.Add(endpoint, address);
            });
        }
    }
}
