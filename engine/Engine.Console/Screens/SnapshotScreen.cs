using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>Snapshots: what is published and served, what another one would change, and the exchange.</summary>
internal static class SnapshotScreen
{
    /// <summary>Where they are.</summary>
    public const string Path = Menu.Snapshots;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, async (EngineCalls calls, string? after) => await Show(calls, after ?? "", null));
        app.MapPost($"{Path}/activate", (EngineCalls calls, IFormCollection form) =>
            Change(calls, form["id"].ToString(), async () => await calls.Snapshots.ActivateAsync(
                new ActivateSnapshotRequest
                {
                    Workspace = calls.Workspace,
                    SnapshotId = form["id"].ToString(),
                    Force = form["force"] == "true",
                },
                cancellationToken: calls.Cancellation)));
        app.MapPost($"{Path}/rollback", (EngineCalls calls, IFormCollection _) =>
            Change(calls, "", async () => await calls.Snapshots.RollbackAsync(
                new RollbackSnapshotRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation)));
    }

    private static async Task<IResult> Change(
        EngineCalls calls, string id, Func<System.Threading.Tasks.Task> change)
    {
        try
        {
            await change();
            return Results.LocalRedirect(Path);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound)
        {
            return await Show(calls, e.StatusCode == StatusCode.NotFound ? "" : id, Problem.Of(e));
        }
    }

    private static async Task<IResult> Show(EngineCalls calls, string after, Problem? problem)
    {
        var list = await calls.Snapshots.ListAsync(
            new ListSnapshotsRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation);
        DiffSnapshotsReply? diff = null;
        try
        {
            diff = after.Length > 0
                ? await calls.Snapshots.DiffAsync(
                    new DiffSnapshotsRequest { Workspace = calls.Workspace, After = after },
                    cancellationToken: calls.Cancellation)
                : null;
        }
        catch (RpcException e) when (e.StatusCode is not (StatusCode.Unauthenticated or StatusCode.PermissionDenied))
        {
            // A damaged snapshot cannot be compared; the list says what is wrong with it.
            problem ??= Problem.Of(e);
        }

        return Page.Of<SnapshotsPage>(new SnapshotFacts(list, after, diff, problem), problem);
    }
}

/// <summary>What the page shows.</summary>
/// <param name="List">All that are published.</param>
/// <param name="After">The one that is compared with the served one; empty for none.</param>
/// <param name="Diff">What it would change.</param>
/// <param name="Problem">What the engine refused.</param>
public sealed record SnapshotFacts(
    ListSnapshotsReply List, string After, DiffSnapshotsReply? Diff, Problem? Problem);
