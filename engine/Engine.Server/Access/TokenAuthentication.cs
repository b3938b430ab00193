using System.Security.Claims;
using System.Text.Json;
using Engine.Server.Configuration;
using Engine.Snapshots;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Engine.Server.Access;

/// <summary>
/// JWT bearer tokens: issuer, audience, lifetime and signature are checked by ASP.NET Core; the subject, the scopes and
/// the claim 'workspaces' (absent: the default workspace) make the caller.
/// </summary>
internal sealed class TokenAuthentication(ServerOptions options, TokenKeys keys, TimeProvider time)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    private const string WorkspacesClaim = "workspaces";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public void Configure(string? name, JwtBearerOptions options) => Configure(options);

    /// <inheritdoc/>
    public void Configure(JwtBearerOptions bearer)
    {
        bearer.MapInboundClaims = false;
        bearer.TimeProvider = time;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = options.Access.JwtIssuer,
            ValidAudience = options.Access.JwtAudience,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = ClockSkew,
            ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
            IssuerSigningKeyResolver =
                (_, _, id, _) => keys.Current.Where(key => id is null || key.KeyId is null || key.KeyId == id),
        };
        bearer.Events = new JwtBearerEvents
        {
            OnTokenValidated = token =>
            {
                token.Principal = CallerOf(token.Principal!, token.SecurityToken).Principal;
                return Task.CompletedTask;
            },
        };
    }

    private Caller CallerOf(ClaimsPrincipal token, SecurityToken whole)
    {
        var scopes = ScopeNames.Of(Words(token, options.Access.JwtScopeClaim));
        var workspaces = Words(token, WorkspacesClaim).ToArray();
        return new Caller(
            token.FindFirstValue("sub") ?? "token without subject",
            scopes,
            workspaces.Length == 0 && !Has(whole, WorkspacesClaim)
                ? [SnapshotDirectory.DefaultWorkspace]
                : workspaces);
    }

    // An empty array becomes no claim at all, and is not the same as none.
    private static bool Has(SecurityToken token, string claim)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(((JsonWebToken)token).EncodedPayload));
        return payload.RootElement.TryGetProperty(claim, out _);
    }

    // An array becomes several claims, or one that holds JSON; a text may hold several words.
    private static IEnumerable<string> Words(ClaimsPrincipal token, string claim) =>
        token.FindAll(claim).SelectMany(found =>
        found.ValueType == JsonClaimValueTypes.JsonArray
            ? JsonSerializer.Deserialize<string[]>(found.Value) ?? []
            : found.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
