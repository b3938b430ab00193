using System.Text.Json;
using Engine.Server.Access;
using Engine.Server.Workspaces;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engine.Server.Hosting;

/// <summary>
/// GET /health for people, and the probes for whatever starts, restarts and sends calls to the server.
/// </summary>
internal static class HealthEndpoints
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds the routes; nobody needs a key for them.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/health", static (HealthBoard health, KeyRing keys, HttpContext http) =>
        {
            // Open to everybody; the names of workspaces and the reasons are for callers with a key.
            var report = health.Report();
            report = keys.IsOn && Caller.Of(http) is null ? report with { Workspaces = [], Problems = [] } : report;
            return TypedResults.Json(report, Json, statusCode: report.Status == "NOT_SERVING"
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK);
        }).WithRules();

        // A process that answers at all is alive: restarting it repairs no snapshot and no disk.
        app.MapGet("/livez", static () => Probe(null)).WithRules();
        app.MapGet(
            "/startupz",
            static (HealthBoard health) => Probe(health.NotStarted))
                .WithRules();
        app.MapGet("/readyz", static (HealthBoard health) => Probe(health.NotReady)).WithRules();
    }

    private static ContentHttpResult Probe(string? problem) => TypedResults.Text(
        problem is null ? "ok\n" : $"{problem}\n",
        statusCode: problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
