using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>What a campaign brought: customers with a message against those that were held out.</summary>
internal static class CampaignResult
{
    /// <summary>Where it is.</summary>
    public const string Path = "/campaign";

    private const int Listed = 1000;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Show);

    private static async Task<IResult> Show(
        EngineCalls calls, string? task, string? dataset, string? sent, string? days)
    {
        var tasks = await calls.Tasks.ListAsync(
            new ListTasksRequest { Workspace = calls.Workspace, State = TaskState.Succeeded, PageSize = Listed },
            cancellationToken: calls.Cancellation);
        var facts = new ResultFacts(
            [.. tasks.Tasks.Where(one => one.HoldoutShare > 0)],
            task ?? "",
            dataset?.Trim() ?? "",
            sent?.Trim() ?? "",
            days?.Trim() ?? "");
        if (dataset is null || facts.Task.Length == 0)
        {
            return Page.Of<CampaignResultPage>(facts);
        }

        try
        {
            var lift = await calls.Tasks.LiftAsync(
                new TaskLiftRequest
                {
                    Workspace = calls.Workspace,
                    TaskId = facts.Task,
                    Dataset = facts.Dataset,
                    Sent = facts.Sent,
                    Days = FormValue.Whole("days", facts.Days),
                },
                cancellationToken: calls.Cancellation);
            return Page.Of<CampaignResultPage>(facts with { Lift = lift });
        }
        catch (RpcException e) when (e.StatusCode is not (StatusCode.Unauthenticated or StatusCode.PermissionDenied))
        {
            facts = facts with { Problem = Problem.Of(e) };
            return Page.Of<CampaignResultPage>(facts, facts.Problem);
        }
    }
}

/// <summary>What the page shows.</summary>
/// <param name="Tasks">Those that hold customers out, newest first.</param>
/// <param name="Task">The chosen one; empty before the choice.</param>
/// <param name="Dataset">With the purchases after the messages.</param>
/// <param name="Sent">The day of the messages, as entered.</param>
/// <param name="Days">Days to measure, as entered.</param>
public sealed record ResultFacts(
    IReadOnlyList<Engine.Protos.V1.Task> Tasks, string Task, string Dataset, string Sent, string Days)
{
    /// <summary>The measured figures.</summary>
    public TaskLiftReply? Lift { get; init; }

    /// <summary>What the engine refused.</summary>
    public Problem? Problem { get; init; }
}
