using Engine.Server.Admission;
using Engine.Server.Configuration;
using Engine.Server.Json;
using Grpc.Core;

namespace Engine.Server.Access;

/// <summary>
/// Keeps pages of other sites out. A browser sends them with a foreign Host (a name that was pointed at this machine),
/// a foreign Origin, or Sec-Fetch-Site: all are refused unless they are configured. A POST must say application/json:
/// browsers ask before they send that to another site, and are told no.
/// </summary>
internal sealed class BrowserMiddleware(RequestDelegate next, ServerOptions options, Refusal refusal)
{
    private readonly OwnHosts _own = new(options.Access);

    // Nearly all requests have the same one: comparing texts allocates nothing, taking a host apart does.
    private volatile string? _lastOwn;

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        var host = request.Headers.Host.ToString();
        if (host != _lastOwn && !_own.Has(request.Host))
        {
            return refusal.Write(
                http,
                StatusCode.PermissionDenied,
                $"found Host '{request.Host.Value}'; expected an IP address, localhost or a name of --allowed-hosts. "
                + "Add the name to --allowed-hosts if clients use it",
                StatusCodes.Status421MisdirectedRequest);
        }

        _lastOwn = host;
        if (MessageFrames.IsGrpc(request))
        {
            return next(http);
        }

        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (FindForeign(request) is { } foreign)
        {
            return refusal.Write(
                http,
                StatusCode.PermissionDenied,
                $"found {foreign}; a page of another site may not call the engine. "
                + "Add its origin to --allowed-origins if it may");
        }

        return HttpMethods.IsPost(request.Method)
            && request.ContentType != StrictJson.MediaType && !request.HasJsonContentType()
            ? refusal.Write(
                http,
                StatusCode.InvalidArgument,
                $"found Content-Type '{request.ContentType}', expected application/json, also of a POST without a body")
            : next(http);
    }

    private string? FindForeign(HttpRequest request)
    {
        if (request.Headers.Origin is { Count: > 0 } origin)
        {
            return IsAllowed(origin.ToString(), request.Host) ? null : $"Origin '{origin}'";
        }

        // Without an Origin a browser only reads. Following a link is fine, loading the answer into a page is not.
        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
            && request.Headers["Sec-Fetch-Mode"] != "navigate"
            ? $"Sec-Fetch-Site '{request.Headers["Sec-Fetch-Site"]}'"
            : null;
    }

    private bool IsAllowed(string origin, HostString host) =>
        options.Access.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && uri.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase));
}
