using Engine.Server.Configuration;
using Engine.Snapshots;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Engine.Server.Access;

/// <summary>
/// JWT bearer tokens: issuer, audience, lifetime and signature are checked by ASP.NET Core, the rest by
/// <see cref="TokenContent"/>; the subject, the scopes and the claim 'workspaces' (absent: the default workspace) make
/// the caller.
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
                (_, _, id, _) => keys.Current.Where(
                    key => string.IsNullOrEmpty(id) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == id),
        };
        bearer.Events = new JwtBearerEvents
        {
            OnTokenValidated = token =>
            {
                try
                {
                    token.Principal = CallerOf(TokenContent.Of((JsonWebToken)token.SecurityToken)).Principal;
                }
                catch (InputException e)
                {
                    token.Fail(e.Message);
                }

                return Task.CompletedTask;
            },
        };
    }

    private Caller CallerOf(TokenContent token)
    {
        var workspaces = token.Words(WorkspacesClaim);
        return Caller.OfToken(
            token.Subject,
            ScopeNames.Of(token.Words(options.Access.JwtScopeClaim)),
            token.Has(WorkspacesClaim) ? workspaces : [SnapshotDirectory.DefaultWorkspace]);
    }
}
