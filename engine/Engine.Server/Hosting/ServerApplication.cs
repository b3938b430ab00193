using System.IO.Compression;
using Engine.Cluster;
using Engine.Cluster.Configuration;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Audit;
using Engine.Server.Configuration;
using Engine.Server.Forgetting;
using Engine.Server.Json;
using Engine.Server.OpenApi;
using Engine.Server.Retention;
using Engine.Server.Services;
using Engine.Server.Shards;
using Engine.Server.Tasks;
using Engine.Server.Warming;
using Engine.Server.Workspaces;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.HealthCheck;
using Grpc.Net.Compression;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace Engine.Server.Hosting;

/// <summary>Puts the server together: endpoints, services, health, reflection, metrics.</summary>
internal static partial class ServerApplication
{
    /// <summary>A server that is ready to start.</summary>
    /// <param name="options">Checked here.</param>
    /// <param name="time">The clock of polls, durations and the prediction window.</param>
    /// <exception cref="InputException">
    /// An option is out of its range, or a file of keys or certificates cannot be read.
    /// </exception>
    /// <exception cref="StartRefusedException">Everybody could listen or call.</exception>
    public static WebApplication Build(ServerOptions options, TimeProvider time)
    {
        options.Validate();
        var listen = ListenAddress.Parse(options.Urls);
        // The settings are read already: no file is watched for others.
        var builder =
            WebApplication.CreateBuilder(
                new WebApplicationOptions
                {
                    ContentRootPath = AppContext.BaseDirectory,
                    Args = ["--hostBuilder:reloadConfigOnChange=false"],
                });
        AddLogging(builder.Logging, options.LogFormat);
        // Until it has started, the program itself says in one line why it cannot start.
        var hasStarted = false;
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning)
            .AddFilter("Orleans", LogLevel.Error)
            // RecommendEndpoint is bound by hand, which the binder of generated services takes for a mistake.
            .AddFilter("Grpc.AspNetCore.Server.Model.Internal", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.Grpc.JsonTranscoding.Internal.Binding", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting", level => hasStarted && level >= LogLevel.Warning);
        FloodNotice.Add(builder.Logging, level => hasStarted && level >= LogLevel.Warning);
        var bound = new BoundEndpoints();
        builder.Services.AddSingleton(bound);
        builder.WebHost.ConfigureKestrel(kestrel => Endpoints.Listen(kestrel, listen, bound, options));
        AddServices(builder.Services, options, time);
        var console = AddConsole(builder, options);
        var app = builder.Build();
        Endpoints.Check([.. listen, .. console], options, app.Services.GetRequiredService<KeyRing>().IsOn);
        app.Lifetime.ApplicationStarted.Register(() => hasStarted = true);
        Map(app, options);
        return app;
    }

    private static IReadOnlyList<ListenAddress> AddConsole(WebApplicationBuilder builder, ServerOptions options)
    {
        if (options.Console.Length == 0)
        {
            return [];
        }

        var address = ListenAddress.ParseConsole(options.Console, options.Access.TlsCertificate.Length > 0);
        var isBuilt = false;
        AddConsole(builder, options, address, ref isBuilt);
        return isBuilt
            ? [address]
            : throw new InputException(
                $"found --console '{options.Console}', but this engine was built without the console. "
                + "Build it without -p:Console=false");
    }

    // Engines are built without it by -p:Console=false.
    static partial void AddConsole(
        WebApplicationBuilder builder, ServerOptions options, ListenAddress address, ref bool isBuilt);

    private static void AddServices(IServiceCollection services, ServerOptions options, TimeProvider time)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout =
            TimeSpan.FromSeconds(options.DrainSeconds + options.StopSeconds));
        services.AddSingleton<Draining>();
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(options.Limits);
        services.AddSingleton<HeavyWork>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<UnreadReplies>();
        services.AddSingleton<RequestBounds>();
        services.AddSingleton<ReceivedBytes>();
        services.AddSingleton<MessageFrames>();
        services.AddSingleton<BoundedMarshallers>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<WarmUpQueries>((model, catalog, recent) => WarmUp.Run(model, catalog, recent, time));
        if (options.Cluster.Length > 0)
        {
            var cluster = ClusterFile.Read(options.Cluster);
            services.AddSingleton(provider => new ClusterNode(
                cluster, options.Snapshots, time, provider.GetRequiredService<ILoggerFactory>()));
            services.AddHostedService(provider => provider.GetRequiredService<ClusterNode>());
            services.AddHostedService<NodeErasure>();
        }

        services.AddSingleton<WorkspaceRegistry>();
        if (options.Owners.Length > 0)
        {
            services.AddSingleton<IBucketOwners>(OwnersFile.Read(options.Owners));
        }

        services.AddSingleton(provider => new ShardCalls(provider.GetService<IBucketOwners>(), time));
        services.AddSingleton<ShardFront>();
        services.AddSingleton<Forwarding>();
        services.AddSingleton<HealthServiceImpl>();
        services.AddSingleton<HealthBoard>();
        services.AddSingleton<HealthNotes>();
        services.AddSingleton<CurrentWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<CurrentWatcher>());
        services.AddSingleton<TaskTables>();
        services.AddSingleton<TaskDatasets>();
        services.AddSingleton<TaskRunner>();
        services.AddSingleton<TaskQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<TaskQueue>());
        services.AddSingleton(provider => new OwnAddresses(
            () => provider.GetRequiredService<BoundEndpoints>().Own(
                provider.GetRequiredService<ServerCertificates>()),
            provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted));
        services.AddSingleton<FirstCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstCalls>());
        services.AddHostedService<RetentionService>();
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddHostedService<SystemdNotice>();
        services.AddAccess(options);
        services.AddSingleton<AuditedState>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<EncodedRecommend>();
        services.AddSingleton<RecommendEndpoint>();
        services.AddSingleton<IServiceMethodProvider<RecommendEndpoint>, RecommendEndpoint.Binding>();
        services.AddSingleton<StatusInterceptor>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<StatusInterceptor>();
            grpc.MaxReceiveMessageSize = options.RequestMebibytes << 20;
        }).AddJsonTranscoding(json =>
        {
            // The canonical proto3 form, so that every protobuf library reads and writes the very same documents.
            json.JsonSettings.WriteInt64sAsStrings = true;
            json.TypeRegistry = StrictJson.Registry;
        });
        services.AddOptions<GrpcServiceOptions>().Configure<ServerMetrics>(static (grpc, metrics) =>
        {
            grpc.CompressionProviders =
            [
                new SoundCompression(new GzipCompressionProvider(CompressionLevel.Fastest), metrics),
                new SoundCompression(new DeflateCompressionProvider(CompressionLevel.Fastest), metrics),
            ];
        });
        services.AddGrpcReflection();
        UseBoundedMethods(services);
        services.AddTelemetry(options);
    }

    // In place of the binder of ASP.NET; JSON transcoding has its own and stays.
    private static void UseBoundedMethods(IServiceCollection services)
    {
        var provider = services.Single(service =>
            service.ServiceType == typeof(IServiceMethodProvider<>)
            && service.ImplementationType?.Name.StartsWith(
                "BinderServiceMethodProvider", StringComparison.Ordinal) == true);
        services.Remove(provider);
        services.AddSingleton(typeof(IServiceMethodProvider<>), typeof(BoundedMethods<>));
    }

    private static void Map(WebApplication app, ServerOptions options)
    {
        Telemetry.Observe(app.Services);
        var notes = app.Services.GetRequiredService<HealthNotes>();
        notes.Add(app.Services.GetRequiredService<CurrentWatcher>().Problems);
        notes.Add(app.Services.GetRequiredService<TaskQueue>().Problems);
        notes.Add(app.Services.GetRequiredService<AccessWatcher>().Problems);
        if (app.Services.GetService<ClusterNode>() is { } cluster)
        {
            notes.Add(cluster.Problems);
        }

        var health = app.Services.GetRequiredService<HealthBoard>();
        var queue = app.Services.GetRequiredService<TaskQueue>();
        health.Require(Protos.V1.Tasks.Descriptor.FullName, () => queue.IsWorking);
        health.HoldBack();
        health.Publish();
        app.Use(RequestId.Give);
        app.Use(app.Services.GetRequiredService<OwnCalls>().CountApart);
        app.UseRouting();
        app.UseAccess(options);
        app.UseMiddleware<TimeoutMiddleware>();
        app.UseMiddleware<MessageMiddleware>();
        app.UseMiddleware<BodyMiddleware>();
        app.UseMiddleware<RecommendJsonCall>();
        app.UseMiddleware<StrictJson>();
        app.MapGrpcService<RecommendEndpoint>().WithRules().Add(RecommendEndpoint.ComeFirst);
        app.MapGrpcService<RecommenderService>().WithRules();
        app.MapGrpcService<SnapshotsService>().WithRules();
        app.MapGrpcService<CatalogService>().WithRules();
        app.MapGrpcService<TasksService>().WithRules();
        app.MapGrpcService<AdminService>().WithRules();
        app.MapGrpcService<EventsService>().WithRules();
        app.MapGrpcService<HealthServiceImpl>().WithRules().Finally(
            app.Services.GetRequiredService<Draining>().EndStreams);
        app.MapGrpcReflectionService().WithRules();
        DownloadEndpoints.Map(app);
        app.MapPrometheusScrapingEndpoint("/metrics").WithRules();
        HealthEndpoints.Map(app);
        OpenApiEndpoint.Map(app);
    }

    private static void AddLogging(ILoggingBuilder logging, LogFormat format)
    {
        logging.ClearProviders();
        if (format == LogFormat.Json)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                json.IncludeScopes = true;
            });
            return;
        }

        logging
            .AddConsole(console => console.FormatterName = LineFormatter.FormatterName)
            .AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }
}
