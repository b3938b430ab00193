using System.Text.Json;
using Engine.Server.Access;
using Engine.Server.Admission;
using Engine.Server.Audit;
using Engine.Server.Configuration;
using Engine.Server.Contract;
using Engine.Server.Json;
using Engine.Server.Services;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using Grpc.AspNetCore.Server.Model;
using Grpc.HealthCheck;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Engine.Server.Hosting;

/// <summary>Puts the server together: endpoints, services, health, reflection, metrics.</summary>
internal static class ServerApplication
{
    private static readonly JsonSerializerOptions HealthJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

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
        // All settings come from the command line: no file is watched for others.
        var builder =
            WebApplication.CreateBuilder(
                new WebApplicationOptions
                {
                    ContentRootPath = AppContext.BaseDirectory,
                    Args = ["--hostBuilder:reloadConfigOnChange=false"],
                });
        builder.Logging.ClearProviders();
        builder.Logging
            .AddConsole(console => console.FormatterName = LineFormatter.FormatterName)
            .AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        // Until it has started, the program itself says in one line why it cannot start.
        var hasStarted = false;
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning)
            // RecommendEndpoint is bound by hand, which the binder of generated services takes for a mistake.
            .AddFilter("Grpc.AspNetCore.Server.Model.Internal", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting", level => hasStarted && level >= LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => hasStarted && level >= LogLevel.Warning);
        var bound = new BoundEndpoints();
        builder.Services.AddSingleton(bound);
        builder.WebHost.ConfigureKestrel(kestrel => Endpoints.Listen(kestrel, listen, bound, options));
        AddServices(builder.Services, options, time);
        var app = builder.Build();
        Endpoints.Check(listen, options, app.Services.GetRequiredService<KeyRing>());
        app.Lifetime.ApplicationStarted.Register(() => hasStarted = true);
        Map(app, options);
        return app;
    }

    private static void AddServices(IServiceCollection services, ServerOptions options, TimeProvider time)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.StopSeconds));
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton(options.Limits);
        services.AddSingleton<HeavyWork>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<RequestBounds>();
        services.AddSingleton<ReceivedBytes>();
        services.AddSingleton<BoundedMarshallers>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<WarmUpQueries>((model, catalog) => WarmUp.Run(model, catalog, time));
        services.AddSingleton<WorkspaceRegistry>();
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
        services.AddGrpcReflection();
        UseBoundedMethods(services);
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("engine"))
            .WithMetrics(metrics => metrics.AddMeter(ServerMetrics.MeterName).AddPrometheusExporter());
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
        app.Services.GetRequiredService<ServerMetrics>().Observe(app.Services.GetRequiredService<WorkspaceRegistry>());
        var notes = app.Services.GetRequiredService<HealthNotes>();
        notes.Add(app.Services.GetRequiredService<CurrentWatcher>().Problems);
        notes.Add(app.Services.GetRequiredService<TaskQueue>().Problems);
        app.Services.GetRequiredService<HealthBoard>().Publish();
        app.UseRouting();
        app.UseAccess(options);
        app.UseMiddleware<BodyDoor>();
        app.UseMiddleware<RecommendJsonCall>();
        app.UseMiddleware<StrictJson>();
        app.MapGrpcService<RecommendEndpoint>().WithRules().Add(RecommendEndpoint.ComeFirst);
        app.MapGrpcService<RecommenderService>().WithRules();
        app.MapGrpcService<SnapshotsService>().WithRules();
        app.MapGrpcService<CatalogService>().WithRules();
        app.MapGrpcService<TasksService>().WithRules();
        app.MapGrpcService<AdminService>().WithRules();
        app.MapGrpcService<HealthServiceImpl>().WithRules();
        app.MapGrpcReflectionService().WithRules();
        DownloadEndpoints.Map(app);
        app.MapPrometheusScrapingEndpoint("/metrics").WithRules();
        app.MapGet("/health", static (HealthBoard health, KeyRing keys, HttpContext http) =>
        {
            // Open to everybody; the names of workspaces and the reasons are for callers with a key.
            var report = health.Report();
            report = keys.IsOn && Caller.Of(http) is null ? report with { Workspaces = [], Problems = [] } : report;
            return TypedResults.Json(report, HealthJson, statusCode: report.Status == "NOT_SERVING"
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK);
        }).WithRules();
    }
}
