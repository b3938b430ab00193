using Engine.Server.Configuration;
using Microsoft.Extensions.Primitives;

namespace Engine.Server.Access;

/// <summary>The host names that requests to this engine may carry.</summary>
internal sealed class OwnHosts(AccessOptions options)
{
    private readonly StringSegment[] _hosts = [.. options.AllowedHosts.Select(host => new StringSegment(host))];
    private readonly bool _anyHost = options.AllowedHosts.Contains("*", StringComparer.Ordinal);

    /// <summary>Whether a host is one of them.</summary>
    public bool Has(HostString host) =>
        _anyHost || IsLocal(host.Host)
            || (_hosts.Length > 0 && host.HasValue && HostString.MatchesAny(host.Value, _hosts));

    // Nobody can point an IP address at another machine; a name, everybody can.
    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || System.Net.IPAddress.TryParse(host.AsSpan().Trim("[]"), out _);
}
