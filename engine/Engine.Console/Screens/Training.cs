using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>How a snapshot was trained and how well it predicts: the page of `trainer report --html`.</summary>
internal static class Training
{
    /// <summary>Where it is.</summary>
    public const string Path = "/training";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, async (EngineCalls calls, string? snapshot) =>
        Page.Of<TrainingPage>(await calls.Snapshots.DescribeAsync(
            new DescribeSnapshotRequest { Workspace = calls.Workspace, SnapshotId = snapshot ?? "" },
            cancellationToken: calls.Cancellation)));
}
