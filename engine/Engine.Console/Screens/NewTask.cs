using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>A task before it starts: whom and what it is about, and how much it would be.</summary>
internal static class NewTask
{
    /// <summary>Where it is.</summary>
    public const string Path = "/tasks/new";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, async (EngineCalls calls, HttpRequest request) => Page.Of<NewTaskPage>(
            await Facts(calls, new TaskForm
            {
                Audience = request.Query["audience"].ToString(),
                Pool = request.Query["pool"].ToString(),
                Rule = request.Query["rule"].ToString(),
                Products = request.Query["products"].ToString(),
                TopK = request.Query["top"] is [{ Length: > 0 } top] ? top : "10",
            })));
        app.MapPost(Path, Make);
    }

    private static async Task<IResult> Make(EngineCalls calls, IFormCollection posted)
    {
        var form = TaskForm.Of(posted);
        Engine.Protos.V1.Task? estimate = null;
        PlanHoldoutReply? plan = null;
        Problem? problem = null;
        try
        {
            var request = form.Request();
            request.Workspace = calls.Workspace;
            estimate = await calls.Tasks.CreateAsync(request, cancellationToken: calls.Cancellation);
            if (form.Step == TaskForm.Start)
            {
                return Results.LocalRedirect($"{TaskScreen.Path}/{estimate.TaskId}");
            }

            plan = form.Plan(estimate.UsersInScope) is { } question
                ? await calls.Tasks.PlanHoldoutAsync(question, cancellationToken: calls.Cancellation)
                : null;
        }
        catch (RpcException e)
        {
            problem = Problem.Of(e);
        }

        return Page.Of<NewTaskPage>(
            await Facts(calls, form) with { Estimate = estimate, Plan = plan, Problem = problem }, problem);
    }

    // What may be chosen depends on the scopes; a name can be entered without them.
    private static async Task<NewTaskFacts> Facts(EngineCalls calls, TaskForm form) => new(
        calls.Visitor.May("audience")
            ? [.. (await calls.Catalog.ListAudiencesAsync(
                new ListAudiencesRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation))
                .Audiences.Select(audience => audience.Name)]
            : [],
        calls.Visitor.May("catalog")
            ? [.. (await calls.Catalog.ListPoolsAsync(
                new ListPoolsRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation))
                .Pools.Select(pool => pool.Name)]
            : [],
        form);
}

/// <summary>What the page shows.</summary>
/// <param name="Audiences">The saved ones, to choose from.</param>
/// <param name="Pools">The saved ones, to choose from.</param>
/// <param name="Form">What was entered.</param>
public sealed record NewTaskFacts(IReadOnlyList<string> Audiences, IReadOnlyList<string> Pools, TaskForm Form)
{
    /// <summary>How much it would be.</summary>
    public Engine.Protos.V1.Task? Estimate { get; init; }

    /// <summary>How large a holdout must be.</summary>
    public PlanHoldoutReply? Plan { get; init; }

    /// <summary>What the engine refused.</summary>
    public Problem? Problem { get; init; }
}
