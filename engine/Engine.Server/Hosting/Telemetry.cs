using System.Diagnostics.Metrics;
using Engine.Server.Admission;
using Engine.Server.Configuration;
using Engine.Server.Tasks;
using Engine.Server.Workspaces;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Engine.Server.Hosting;

/// <summary>Metrics for Prometheus, and both metrics and traces by OTLP when an endpoint is set.</summary>
internal static class Telemetry
{
    /// <summary>Adds the exporters.</summary>
    public static void AddTelemetry(this IServiceCollection services, ServerOptions options)
    {
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("engine"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(ServerMetrics.MeterName, "System.Runtime").AddPrometheusExporter();
                if (options.OtlpEndpoint.Length > 0)
                {
                    metrics.AddOtlpExporter(otlp => Send(otlp, options, "v1/metrics"));
                }
            });
        services.ConfigureOpenTelemetryMeterProvider(static (parts, metrics) =>
        {
            // Engines in one process have meters of one name: when one ends, the exporter of another would lose what it
            // counts from then on.
            var own = parts.GetRequiredService<IMeterFactory>();
            metrics.AddView(
                instrument => instrument.Meter.Scope is IMeterFactory other && other != own
                    ? MetricStreamConfiguration.Drop
                    : null);
        });
        if (options.OtlpEndpoint.Length > 0 && options.TracePercent > 0)
        {
            telemetry.WithTracing(traces => traces
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TracePercent / 100.0)))
                .AddAspNetCoreInstrumentation(requests => requests.Filter = static http => !IsProbe(http.Request.Path))
                .AddOtlpExporter(otlp => Send(otlp, options, "v1/traces")));
        }
    }

    /// <summary>Adds what is read when metrics are collected. Each label has few values: no ids, no reasons.</summary>
    public static void Observe(IServiceProvider services)
    {
        var metrics = services.GetRequiredService<ServerMetrics>();
        metrics.Observe(services.GetRequiredService<WorkspaceRegistry>());
        var (health, heavy, queue) = (
            services.GetRequiredService<HealthBoard>(),
            services.GetRequiredService<HeavyWork>(),
            services.GetRequiredService<TaskQueue>());
        metrics.Observe(
            "engine_ready", "1 while calls may come.", () => [new Measurement<int>(health.NotReady is null ? 1 : 0)]);
        metrics.Observe(
            "engine_heavy_calls", "Heavy calls that run or wait.", () => [new Measurement<int>(heavy.Calls)]);
        metrics.Observe(
            "engine_task_workers_working",
            "1 while all task workers run.",
            () => [new Measurement<int>(queue.IsWorking ? 1 : 0)]);
        metrics.Observe(
            "engine_tasks",
            "Tasks that this engine runs or has run, by stage.",
            () => Enum.GetValues<TaskStage>().Select(stage => new Measurement<int>(
                queue.Count(stage), new KeyValuePair<string, object?>("stage", stage.ToString()))));
    }

    private static void Send(OtlpExporterOptions otlp, ServerOptions options, string path)
    {
        var isHttp = options.OtlpProtocol == OtlpProtocol.Http;
        otlp.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        otlp.Endpoint = isHttp
            ? new Uri($"{options.OtlpEndpoint.TrimEnd('/')}/{path}")
            : new Uri(options.OtlpEndpoint);
    }

    private static bool IsProbe(PathString path) =>
        path.Value is "/livez" or "/readyz" or "/startupz" or "/health" or "/metrics";
}
