using System.CommandLine;
using System.Net.Sockets;
using Engine.Server.Access;
using Engine.Server.Configuration;
using Engine.Server.Hosting;

namespace Engine.Server.Commands;

/// <summary>serve: answers from the CURRENT snapshot of every workspace until it is stopped.</summary>
internal static class ServeCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var snapshots = new Option<string>("--snapshots")
        {
            Description = "The folder with WORKSPACE/CURRENT. It may be empty until a snapshot is published.",
            Required = true,
        };
        var urls = new Option<string>("--urls")
        {
            Description = "grpc://ADDRESS:PORT (cleartext HTTP/2), http://ADDRESS:PORT (HTTP/1.1 with JSON) and "
                + "https://ADDRESS:PORT (both, encrypted), separated by ';'. Port 0 takes a free one.",
            DefaultValueFactory = _ => ServerOptions.DefaultUrls,
        };
        var defaults = new ServerOptions();
        var poll = Number(
            "--poll-milliseconds",
            "Milliseconds between two checks of CURRENT, 50..3600000.",
            defaults.PollMilliseconds);
        var served = Number(
            "--served-mebibytes",
            "MiB of the served and the next snapshot together, 1..16777216.",
            defaults.ServedMebibytes);
        var named = Number(
            "--named-mebibytes",
            "MiB of other snapshots kept open for requests that name them, 0..16777216.",
            defaults.NamedMebibytes);
        var request = Number("--request-mebibytes", "MiB of one request message, 1..1024.", defaults.RequestMebibytes);
        var stop = Number(
            "--stop-seconds", "Seconds that open calls may take when the server stops, 0..3600.", defaults.StopSeconds);
        var sources = new Option<string>("--sources")
        {
            Description = "A folder of source files, NAME.json: the databases that tasks may write results to.",
            DefaultValueFactory = _ => "",
        };
        var datasets = new Option<string>("--datasets")
        {
            Description = "A folder of mapping files, NAME.json, and of extracts: "
                + "the data that the lift of tasks is measured on.",
            DefaultValueFactory = _ => "",
        };
        var tasks = Number("--tasks", "Tasks that run at the same time, 1..64; the others wait.", defaults.Tasks);
        var threads = Number(
            "--task-threads", "Threads of each running task, 1..1024; they have low priority.", defaults.TaskThreads);
        var limits = new Option<string>("--limits")
        {
            Description = "A JSON file with bounds of the work that callers can cause.",
            DefaultValueFactory = _ => "",
        };
        var command = new Command("serve", "Serve every workspace's CURRENT over gRPC and HTTP/JSON.")
        {
            snapshots, urls, poll, served, named, request, stop, tasks, threads, sources, datasets, limits,
        };
        var access = new ServeAccess(command);
        command.SetAction((parsed, cancellation) => Run(
            new ServerOptions
            {
                Snapshots = parsed.GetRequiredValue(snapshots),
                Urls = parsed.GetRequiredValue(urls),
                PollMilliseconds = parsed.GetRequiredValue(poll),
                ServedMebibytes = parsed.GetRequiredValue(served),
                NamedMebibytes = parsed.GetRequiredValue(named),
                RequestMebibytes = parsed.GetRequiredValue(request),
                StopSeconds = parsed.GetRequiredValue(stop),
                Tasks = parsed.GetRequiredValue(tasks),
                TaskThreads = parsed.GetRequiredValue(threads),
                Sources = parsed.GetRequiredValue(sources),
                Access = access.Of(parsed),
                Datasets = parsed.GetRequiredValue(datasets),
                Limits = parsed.GetRequiredValue(limits) is { Length: > 0 } file
                    ? CallLimits.Read(file)
                    : new CallLimits(),
            },
            cancellation));
        return command;
    }

    private static Option<int> Number(string name, string description, int fallback) =>
        new(name) { Description = description, DefaultValueFactory = _ => fallback };

    private static async Task<int> Run(ServerOptions options, CancellationToken cancellation)
    {
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

        var endpoints = app.Services.GetRequiredService<BoundEndpoints>();
        foreach (var endpoint in endpoints.All)
        {
            Console.WriteLine(endpoint switch
            {
                { IsTls: true } => $"gRPC, HTTP {endpoint.Url}   TLS 1.2+: the calls of both protocols",
                { IsGrpc: true } =>
                    $"gRPC       {endpoint.Url}   cleartext HTTP/2; reflection and grpc.health.v1 included",
                _ => $"HTTP/JSON  {endpoint.Url}   HTTP/1.1: POST /v1/recommend, ..., GET /health, GET /metrics",
            });
        }

        var keys = app.Services.GetRequiredService<KeyRing>();
        Console.WriteLine(keys.IsOn
            ? $"keys       {keys.Path}"
            : "keys       none: everybody who reaches a port may call. `engine key add` makes one");
        if (endpoints.All.Any(endpoint => !endpoint.IsLoopback && (!endpoint.IsTls || !keys.IsOn)))
        {
            Console.WriteLine("warning    no encryption or no keys: keep these ports inside a trusted network");
        }

        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }
}
