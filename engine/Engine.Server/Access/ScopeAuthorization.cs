using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Engine.Server.Access;

/// <summary>
/// The policy of every endpoint: the caller has the scope of the call in some workspace. In which one, the message
/// says: <see cref="WorkspaceGuard"/> checks that when it has been read. A method that the table
/// does not have is for nobody.
/// </summary>
internal sealed class ScopeAuthorization(Refusal refusal)
    : AuthorizationHandler<ScopeAuthorization.Requirement>, IAuthorizationMiddlewareResultHandler
{
    /// <summary>Every call needs it.</summary>
    public static readonly AuthorizationPolicy Policy = new([new Requirement()], []);

    /// <inheritdoc/>
    public async Task HandleAsync(
        RequestDelegate next,
        HttpContext context,
        AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
        }
        else if (Caller.Of(context) is { } caller)
        {
            await refusal.Write(context, StatusCode.PermissionDenied, Denied(caller, AccessTable.Of(context)));
        }
        else
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            var problem = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Failure switch
            {
                null => "this call needs a key",
                AuthenticationFailureException wrongKey => wrongKey.Message,
                _ => "the token is not valid: it has expired, or its signature, issuer or audience is another one",
            };
            await refusal.Write(
                context,
                StatusCode.Unauthenticated,
                $"{problem}. Send the header 'authorization: Bearer KEY'; `engine key add` makes keys");
        }
    }

    /// <summary>Why a caller may not call.</summary>
    public static string Denied(Caller caller, CallRule? rule, string? workspace = null)
    {
        var scope = rule is null ? "any" : ScopeNames.Of(rule.Scope);
        var where = workspace is not null ? $" in workspace '{workspace}'"
            : rule is { EveryWorkspace: true } ? " for all workspaces ('*')"
            : "";
        return $"key '{caller.Name}' has no scope '{scope}'{where}. "
            + "Use a key that has it, or make one with `engine key add`";
    }

    /// <inheritdoc/>
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, Requirement requirement)
    {
        var http = (HttpContext)context.Resource!;
        var rule = AccessTable.Of(http);
        var isAllowed = rule is { Scope: Scopes.None }
            || (Caller.Of(http) is { } caller && (rule is null
                ? http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is null
                : (caller.Scopes & rule.Scope) != 0 && (caller.IsEverywhere || !rule.EveryWorkspace)));
        if (isAllowed)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    /// <summary>The scope of the call.</summary>
    internal sealed class Requirement : IAuthorizationRequirement;
}
