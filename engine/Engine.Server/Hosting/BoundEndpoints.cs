using System.Net;
using Engine.Server.Access;
using Engine.Server.Configuration;
using Engine.Server.Warming;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Engine.Server.Hosting;

/// <summary>Where the server really listens: after start, port 0 has become the port that the system gave.</summary>
internal sealed class BoundEndpoints
{
    private readonly List<(ListenOptions Options, ListenAddress Address)> _endpoints = [];

    /// <summary>In the order of the options.</summary>
    public IEnumerable<BoundEndpoint> All => _endpoints.Select(endpoint => new BoundEndpoint(
        endpoint.Options.IPEndPoint ?? throw new InvalidOperationException("the server has not started"),
        endpoint.Address.IsGrpc,
        endpoint.Address.IsTls));

    /// <summary>Where the console listens; null without a console.</summary>
    public string? Console => FindConsole?.Invoke();

    /// <summary>Set where there is a console.</summary>
    public Func<string>? FindConsole { private get; set; }

    /// <summary>The same for the server itself.</summary>
    public IReadOnlyList<OwnAddress> Own(ServerCertificates certificates) =>
        [.. All.Select(bound => new OwnAddress(bound.OwnUrl, !bound.IsHttp1, !bound.IsGrpc, certificates.IsOwn))];

    /// <summary>Remembers an endpoint; Kestrel writes its port into it.</summary>
    public void Add(ListenOptions options, ListenAddress address) => _endpoints.Add((options, address));
}

/// <summary>One endpoint.</summary>
/// <param name="EndPoint">Address and port.</param>
/// <param name="IsGrpc">Cleartext HTTP/2.</param>
/// <param name="IsTls">Encrypted: both protocols. Neither: cleartext HTTP/1.1.</param>
internal sealed record BoundEndpoint(IPEndPoint EndPoint, bool IsGrpc, bool IsTls)
{
    /// <summary>For clients; gRPC clients write http:// or https:// too.</summary>
    public string Url => $"{(IsTls ? "https" : "http")}://{EndPoint}";

    /// <summary>Cleartext HTTP/1.1.</summary>
    public bool IsHttp1 => !IsGrpc && !IsTls;

    /// <summary>For this machine alone: where it listens on all addresses, loopback.</summary>
    public Uri OwnUrl => new(
        $"{(IsTls ? "https" : "http")}://"
        + new IPEndPoint(
            EndPoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : EndPoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : EndPoint.Address,
            EndPoint.Port));

    /// <summary>Only this machine reaches it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(EndPoint.Address);
}
