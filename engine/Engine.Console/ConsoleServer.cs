using Engine.WebConsole.Access;
using Engine.WebConsole.Screens;
using Engine.WebConsole.Wire;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Engine.WebConsole;

/// <summary>
/// The console: a web server of its own in the engine's process, with its own port, sign-in and checks, and a client of
/// the engine's services. It starts and stops with the engine.
/// </summary>
public sealed class ConsoleServer : IHostedService, IAsyncDisposable
{
    // A form has a rule or a few ids, not a file.
    private const long MaximumForm = 1 << 20;

    private readonly WebApplication _app;

    /// <summary>A console that is ready to start.</summary>
    public ConsoleServer(ConsoleOptions options, EngineWire wire, TimeProvider time, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions
            {
                ContentRootPath = AppContext.BaseDirectory,
                Args = ["--hostBuilder:reloadConfigOnChange=false"],
            });
        builder.Services.Replace(ServiceDescriptor.Singleton(loggers));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaximumForm;
            kestrel.Listen(options.EndPoint, endpoint =>
            {
                endpoint.Protocols = options.Encrypt is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                options.Encrypt?.Invoke(endpoint);
            });
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        var services = builder.Services;
        services.AddSingleton(wire).AddSingleton(time);
        services.AddSingleton<EngineChannel>();
        services.AddSingleton<Sessions>();
        services.AddHttpContextAccessor();
        services.AddScoped<EngineCalls>();
        services.AddScoped(provider =>
            Language.Of(provider.GetRequiredService<IHttpContextAccessor>().HttpContext!.Request));
        // Sessions and forms end with the process: nothing of them is kept on the disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = "console-form";
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.HttpOnly = true;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddAuthentication(SessionAuthentication.SchemeName)
            .AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, SessionAuthentication>(
                SessionAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(SessionAuthentication.Policy);
        services.AddRazorComponents();
        _app = builder.Build();
        _app.Use((http, next) => BrowserPolicy.Guard(http, next, options.IsOwnHost));
        _app.UseStatusCodePages(Page.OfUnreadable);
        _app.UseRouting();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.UseAntiforgery();
        ScreenMap.Map(_app);
    }

    /// <summary>Where it listens, once it has started.</summary>
    public string Url => _app.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>All endpoints of the console.</summary>
    internal IEnumerable<RouteEndpoint> Endpoints =>
        ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
