using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>Who changed what: the audit log by pages, newest first.</summary>
internal static class AuditScreen
{
    /// <summary>Where it is.</summary>
    public const string Path = "/audit";

    private const int Shown = 50;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, async (EngineCalls calls, string? before) =>
        Page.Of<AuditPage>(await calls.Admin.ListAuditAsync(
            new ListAuditRequest { PageSize = Shown, PageToken = before ?? "" },
            cancellationToken: calls.Cancellation)));
}
