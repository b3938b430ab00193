using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Engine.Server.Access;

/// <summary>Finds the holder of the key in the header 'authorization: Bearer KEY'.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, KeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public const string SchemeName = "Key";

    private const string Bearer = "Bearer ";

    /// <summary>What a request presents as key or token; empty when nothing.</summary>
    public static ReadOnlySpan<char> Presented(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header.AsSpan(Bearer.Length).Trim()
            : default;

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var key = Presented(Request);
        return Task.FromResult(
            key.IsEmpty ? AuthenticateResult.NoResult()
            : keys.Find(key) is { } caller ? AuthenticateResult.Success(
                new AuthenticationTicket(caller.Principal, SchemeName))
            : AuthenticateResult.Fail("the key is not known, has expired or was revoked"));
    }
}
