using System.CommandLine;
using System.Net.Sockets;
using Engine.Server.Access;
using Engine.Server.Backups;
using Engine.Server.Batch;
using Engine.Server.Configuration;
using Engine.Server.Hosting;

namespace Engine.Server.Commands;

/// <summary>serve: answers from the CURRENT snapshot of every workspace until it is stopped.</summary>
internal static partial class ServeCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("serve", "Serve every workspace's CURRENT over gRPC and HTTP/JSON.");
        var settings = new ServeSettings(command);
        command.SetAction((parsed, cancellation) =>
        {
            // Those of the runtime run, those of requests inherit it.
            ThreadTurns.Shorten();
            var configuration = settings.Of(parsed, Environment.GetEnvironmentVariables());
            foreach (var warning in configuration.Warnings)
            {
                Console.Error.WriteLine($"warning: {warning}");
            }

            return configuration.Options.Snapshots.Length > 0
                ? Run(configuration.Options, cancellation)
                : throw new StartRefusedException(
                    "--snapshots is missing. Give the option, set ENGINE_SNAPSHOTS, "
                    + "or name it in the file of --config");
        });
        return command;
    }

    private static async Task<int> Run(ServerOptions options, CancellationToken cancellation)
    {
        Restoration.Sweep(options.Snapshots);
        await using var app = ServerApplication.Build(options, TimeProvider.System);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new InputException(
                $"cannot listen on {options.Urls}: {e.Message.TrimEnd('.')}. Stop the program that uses the port, "
                + "or choose another address with --urls",
                e);
        }

        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Engine.Server");
        foreach (var line in Greeting(app.Services))
        {
            if (options.LogFormat == LogFormat.Json)
            {
                LogGreeting(logger, line);
            }
            else
            {
                Console.WriteLine(line);
            }
        }

        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    private static IEnumerable<string> Greeting(IServiceProvider services)
    {
        var endpoints = services.GetRequiredService<BoundEndpoints>();
        foreach (var endpoint in endpoints.All)
        {
            yield return endpoint switch
            {
                { IsTls: true } => $"gRPC, HTTP {endpoint.Url}   TLS 1.2+: the calls of both protocols",
                { IsGrpc: true } =>
                    $"gRPC       {endpoint.Url}   cleartext HTTP/2; reflection and grpc.health.v1 included",
                _ => $"HTTP/JSON  {endpoint.Url}   HTTP/1.1: POST /v1/recommend, ..., GET /health, GET /metrics",
            };
        }

        if (endpoints.Console is { } console)
        {
            yield return $"console    {console}   for browsers";
        }

        var keys = services.GetRequiredService<KeyRing>();
        yield return keys.IsOn
            ? $"keys       {keys.Path}"
            : "keys       none: everybody who reaches a port may call. `engine key add` makes one";
        if (endpoints.All.Any(endpoint => !endpoint.IsLoopback && (!endpoint.IsTls || !keys.IsOn)))
        {
            yield return "warning    no encryption or no keys: keep these ports inside a trusted network";
        }
    }

    [LoggerMessage(LogLevel.Information, "{Line}")]
    private static partial void LogGreeting(ILogger logger, string line);
}
