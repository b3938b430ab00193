using Engine.Server.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Engine.Server.Access;

/// <summary>Puts the access checks in front of the endpoints.</summary>
internal static class AccessSetup
{
    private const string KeyOrToken = "KeyOrToken";

    /// <summary>Adds the services.</summary>
    public static void AddAccess(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<KeyRing>();
        services.AddSingleton<OwnCalls>();
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<ServerCertificates>();
        services.AddSingleton<Refusal>();
        services.AddSingleton<AccessWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessWatcher>());
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenAuthentication>();
        var hasTokens = options.Access.JwtKeys.Length > 0;
        var authentication = services.AddAuthentication(KeyOrToken)
            .AddPolicyScheme(KeyOrToken, null, scheme => scheme.ForwardDefaultSelector = http =>
                hasTokens && !KeyAuthentication.Presented(http.Request).StartsWith(ApiKey.Prefix)
                    ? JwtBearerDefaults.AuthenticationScheme
                    : KeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.SchemeName, null);
        if (hasTokens)
        {
            authentication.AddJwtBearer();
        }

        services.AddSingleton<ScopeAuthorization>();
        services.AddSingleton<IAuthorizationHandler>(provider => provider.GetRequiredService<ScopeAuthorization>());
        services.AddSingleton<IAuthorizationMiddlewareResultHandler>(
            provider => provider.GetRequiredService<ScopeAuthorization>());
        services.AddAuthorizationBuilder().SetFallbackPolicy(ScopeAuthorization.Policy);
        services.AddRateLimiter(limiter => KeyRates.Configure(limiter, options.Access));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(options.Access.AllowedOrigins)
            .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete)
            .WithHeaders("authorization", "content-type")));
    }

    /// <summary>Adds the middleware, after routing and before everything that answers.</summary>
    public static void UseAccess(this WebApplication app, ServerOptions options)
    {
        app.UseMiddleware<BrowserMiddleware>();
        if (options.Access.AllowedOrigins.Length > 0)
        {
            app.UseCors();
        }

        // A WebApplication adds both by itself, for every request. Here they stand in the branch below: where nobody
        // needs a key, a call does not pay for them.
        IApplicationBuilder builder = app;
        builder.Properties["__AuthenticationMiddlewareSet"] = true;
        builder.Properties["__AuthorizationMiddlewareSet"] = true;
        var keys = app.Services.GetRequiredService<KeyRing>();
        app.UseWhen(_ => keys.IsOn, secured => secured.UseAuthentication().UseAuthorization().UseRateLimiter());
    }
}
