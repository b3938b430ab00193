using Engine.Server.Access;
using Engine.Server.Configuration;
using Engine.WebConsole;
using Engine.WebConsole.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Engine.Server.Hosting;

/// <content>The console beside the server: not compiled with -p:Console=false.</content>
internal static partial class ServerApplication
{
    static partial void AddConsole(
        WebApplicationBuilder builder, ServerOptions options, ListenAddress address, ref bool isBuilt)
    {
        isBuilt = true;
        var wire = new EngineWire();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(wire.EndPoint, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<IConnectionListenerFactory>(wire);
        builder.Services.AddSingleton(provider =>
        {
            var console = new ConsoleOptions
            {
                EndPoint = address.EndPoint,
                Encrypt = address.IsTls
                    ? endpoint => endpoint.UseHttps(provider.GetRequiredService<ServerCertificates>().Handshake)
                    : null,
                IsOwnHost = new OwnHosts(options.Access).Has,
            };
            var server = new ConsoleServer(
                console,
                wire,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>());
            provider.GetRequiredService<BoundEndpoints>().FindConsole = () => server.Url;
            return server;
        });
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ConsoleServer>());
    }
}
