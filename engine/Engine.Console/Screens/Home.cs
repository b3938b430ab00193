using Engine.Protos.V1;
using Engine.Reports;

namespace Engine.WebConsole.Screens;

/// <summary>The first page: what is served, whether it can be trusted, and what runs.</summary>
internal static class Home
{
    private const int Tasks = 10;

    // Nobody has it: the request is only checked.
    private const string NoUser = "-";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/", Show);

    private static async Task<IResult> Show(EngineCalls calls, Language language) => Page.Of<HomePage>(new HomeFacts(
        calls.Visitor,
        calls.Visitor.May("read") ? await Model(calls, language) : null,
        calls.Visitor.May("task")
            ? await calls.Tasks.ListAsync(
                new ListTasksRequest { Workspace = calls.Workspace, PageSize = Tasks },
                cancellationToken: calls.Cancellation)
            : null));

    private static async Task<ModelFacts> Model(EngineCalls calls, Language language)
    {
        try
        {
            var described = await calls.Snapshots.DescribeAsync(
                new DescribeSnapshotRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation);
            var check = new RecommendRequest
            {
                Workspace = calls.Workspace,
                UserId = NoUser,
                OnUnknown = OnUnknownUser.Empty,
                ValidateOnly = true,
            };
            var now = await calls.Recommender.RecommendAsync(check, cancellationToken: calls.Cancellation);
            var (verdict, warnings) = ReportPage.Trust(described.ReportJson, language.Phrase);
            return new ModelFacts(described.Info, verdict, [.. now.Warnings, .. warnings], null);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.NotFound)
        {
            return new ModelFacts(null, [], [], Problem.Of(e));
        }
    }
}

/// <summary>What the first page shows.</summary>
/// <param name="Visitor">Who looks.</param>
/// <param name="Model">What is served; null without the scope.</param>
/// <param name="Tasks">The newest tasks; null without the scope.</param>
public sealed record HomeFacts(Visitor Visitor, ModelFacts? Model, ListTasksReply? Tasks);

/// <summary>What is served.</summary>
/// <param name="Info">The snapshot; null when there is none.</param>
/// <param name="Verdict">What the model can be trusted for.</param>
/// <param name="Warnings">Of the engine now, and of the training.</param>
/// <param name="Problem">Why there is no snapshot.</param>
public sealed record ModelFacts(
    SnapshotInfo? Info, IReadOnlyList<string> Verdict, IReadOnlyList<string> Warnings, Problem? Problem);
