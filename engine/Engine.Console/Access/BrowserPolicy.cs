namespace Engine.WebConsole.Access;

/// <summary>What every answer of the console says to the browser, and which requests get no answer.</summary>
internal static class BrowserPolicy
{
    // Scripts and styles are files of the console. Nothing is inline, nothing comes from elsewhere, nobody frames it.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Runs the middleware.</summary>
    /// <param name="http">The request.</param>
    /// <param name="next">What answers it.</param>
    /// <param name="isOwnHost">Whether its Host is the engine's.</param>
    public static Task Guard(HttpContext http, RequestDelegate next, Func<HostString, bool> isOwnHost)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        http.Response.OnStarting(() =>
        {
            // Forms and assets say themselves how long they may be kept; nothing else may.
            headers.CacheControl = headers.CacheControl.Count == 0 ? "no-store" : headers.CacheControl;
            return Task.CompletedTask;
        });
        if (!isOwnHost(http.Request.Host))
        {
            http.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return http.Response.WriteAsync(
                $"found Host '{http.Request.Host.Value}'; expected an IP address, localhost or a name of "
                + "--allowed-hosts\n");
        }

        return next(http);
    }
}
