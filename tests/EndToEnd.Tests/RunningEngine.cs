using Engine.Protos.V1;
using Engine.Server.Configuration;
using Engine.Server.Hosting;
using Engine.Server.Workspaces;
using Engine.Snapshots;
using Engine.Snapshots.Writing;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>A server on two free loopback ports over a folder of its own, with a gRPC and an HTTP client.</summary>
internal sealed class RunningEngine : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private RunningEngine(TimeProvider time, string sources, string datasets, Action<ServerOptions>? configure)
    {
        var options = new ServerOptions
        {
            Snapshots = _folder.Path,
            Urls = "grpc://127.0.0.1:0;http://127.0.0.1:0",
            PollMilliseconds = 50,
            Sources = sources,
            Datasets = datasets,
        };
        configure?.Invoke(options);
        _app = ServerApplication.Build(options, time);
        Directory = new SnapshotDirectory(_folder.Path);
    }

    /// <summary>The default workspace's snapshots.</summary>
    public SnapshotDirectory Directory { get; }

    /// <summary>The snapshot root.</summary>
    public string Root => _folder.Path;

    /// <summary>What the server is made of.</summary>
    public IServiceProvider Parts => _app.Services;

    /// <summary>All endpoints of the server.</summary>
    public IEnumerable<RouteEndpoint> Endpoints =>
        ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Where the gRPC port is.</summary>
    public Uri GrpcAddress { get; private set; } = new("http://invalid");

    /// <summary>Where the console is, with <see cref="ServerOptions.Console"/>.</summary>
    public Uri Console { get; private set; } = new("http://invalid");

    /// <summary>Over gRPC.</summary>
    public GrpcChannel Channel { get; private set; } = GrpcChannel.ForAddress("http://invalid");

    /// <summary>Over HTTP/1.1.</summary>
    public HttpClient Http { get; } = new();

    /// <summary>The questions over gRPC.</summary>
    public Recommender.RecommenderClient Recommender => new(Channel);

    /// <summary>The snapshots over gRPC.</summary>
    public Snapshots.SnapshotsClient Snapshots => new(Channel);

    /// <summary>Pools and audiences over gRPC.</summary>
    public Catalog.CatalogClient Catalog => new(Channel);

    /// <summary>The tasks over gRPC.</summary>
    public Tasks.TasksClient Tasks => new(Channel);

    /// <summary>Starts without any snapshot.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="sources">The folder of source files.</param>
    /// <param name="datasets">The folder of mapping files.</param>
    /// <param name="configure">Changes the options; its first two addresses stay gRPC and HTTP.</param>
    public static async Task<RunningEngine> StartEmpty(
        TimeProvider? time = null, string sources = "", string datasets = "", Action<ServerOptions>? configure = null)
    {
        var engine = new RunningEngine(time ?? TimeProvider.System, sources, datasets, configure);
        await engine._app.StartAsync();
        var bound = engine._app.Services.GetRequiredService<BoundEndpoints>();
        var endpoints = bound.All.ToArray();
        engine.Console = bound.Console is { } console ? new Uri(console) : engine.Console;
        engine.GrpcAddress = new Uri(endpoints[0].Url);
        engine.Channel = GrpcChannel.ForAddress(endpoints[0].Url);
        engine.Http.BaseAddress = new Uri(endpoints[1].Url);
        return engine;
    }

    /// <summary>Starts with one published snapshot and waits until it is served.</summary>
    public static async Task<RunningEngine> Start(
        SnapshotContent? content = null,
        TimeProvider? time = null,
        string sources = "",
        string datasets = "",
        Action<ServerOptions>? configure = null)
    {
        var engine = await StartEmpty(time, sources, datasets, configure);
        await engine.PublishAndWait(content ?? RandomSnapshot.Content(seed: 1));
        return engine;
    }

    /// <summary>Publishes and waits until it is served.</summary>
    public Task<string> PublishAndWait(SnapshotContent content) => Served(Directory.Publish(content));

    /// <summary>The same for a file that the caller writes.</summary>
    public Task<string> PublishAndWait(Action<string> write) => Served(Directory.Publish(write));

    private async Task<string> Served(string id)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (_app.Services.GetRequiredService<WorkspaceRegistry>().Get("").ActiveId != id
            || _app.Services.GetRequiredService<HealthBoard>().NotStarted is not null)
        {
            await System.Threading.Tasks.Task.Delay(20, limit.Token);
        }

        return id;
    }

    /// <summary>Waits until a page holds a text, and returns the page.</summary>
    public async Task<string> Until(string text, string page)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var answer = await Http.GetAsync(page, limit.Token);
            var found = await answer.Content.ReadAsStringAsync(limit.Token);
            if (found.Contains(text, StringComparison.Ordinal))
            {
                return found;
            }

            await System.Threading.Tasks.Task.Delay(20, limit.Token);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
