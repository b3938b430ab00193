using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engine.WebConsole.Access;

/// <summary>
/// Who looks: the holder of the key of the session, as the engine describes it at each request. Where the engine needs
/// no key, everybody is let in.
/// </summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    Sessions sessions,
    EngineChannel engine)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public const string SchemeName = "Session";

    /// <summary>Every page needs somebody who is let in.</summary>
    public static readonly AuthorizationPolicy Policy =
        new AuthorizationPolicyBuilder(SchemeName).RequireAuthenticatedUser().Build();

    /// <summary>Where the challenge leads.</summary>
    public const string SignInPath = "/sign-in";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        _ = sessions.TryFind(Request.Cookies[Sessions.Cookie], out var key);
        try
        {
            var caller = await engine.Describe(key, Visitor.WorkspaceOf(Request), Context.RequestAborted);
            var visitor = new Visitor(key, caller, Request);
            Context.Features.Set(visitor);
            return AuthenticateResult.Success(
                new AuthenticationTicket(
                    new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, visitor.Name)], SchemeName)),
                    SchemeName));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unauthenticated)
        {
            // No key, or one that has been revoked since.
            sessions.Close(Request.Cookies[Sessions.Cookie]);
            return AuthenticateResult.NoResult();
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.PermissionDenied or StatusCode.NotFound)
        {
            return AuthenticateResult.Fail(e.Status.Detail);
        }
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (HttpMethods.IsGet(Request.Method))
        {
            Response.Redirect($"{SignInPath}?next={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
        }
        else
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        return Task.CompletedTask;
    }
}
