using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>Placements: the saved ones, and one that is edited and tried before it is saved.</summary>
internal static class Placements
{
    /// <summary>Where they are.</summary>
    public const string Path = "/placements";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Open);
        app.MapPost(Path, Make);
        app.MapPost($"{Path}/delete", async (EngineCalls calls, IFormCollection posted) =>
        {
            await calls.Catalog.DeletePlacementAsync(
                new DeletePlacementRequest { Workspace = calls.Workspace, Name = posted["name"].ToString() },
                cancellationToken: calls.Cancellation);
            return Results.LocalRedirect(Path);
        });
    }

    private static async Task<IResult> Open(EngineCalls calls, string? name)
    {
        var form = new PlacementForm();
        if (name is { Length: > 0 })
        {
            form = PlacementForm.Of(await calls.Catalog.GetPlacementAsync(
                new GetPlacementRequest { Workspace = calls.Workspace, Name = name },
                cancellationToken: calls.Cancellation));
        }

        return Page.Of<PlacementsPage>(await Facts(calls, form));
    }

    private static async Task<IResult> Make(EngineCalls calls, IFormCollection posted)
    {
        var form = PlacementForm.Of(posted);
        Placement? saved = null;
        PlacementReply? shown = null;
        Problem? problem = null;
        try
        {
            if (form.Step == PlacementForm.Save)
            {
                saved = await calls.Catalog.SavePlacementAsync(
                    new SavePlacementRequest
                    {
                        Workspace = calls.Workspace,
                        Placement = form.Request(),
                        ExpectedVersion = form.Version,
                    },
                    cancellationToken: calls.Cancellation);
                form = form with { Version = saved.Version };
            }
            else if (form.Step == PlacementForm.Try)
            {
                var request = new RecommendPlacementRequest
                {
                    Workspace = calls.Workspace,
                    Trial = form.Request(),
                    UserId = form.User,
                };
                request.Recent.AddRange(FormIds.Of(form.Basket)
                    .Select(id => new RecentBehavior { ProductId = id, Type = BehaviorType.Cart }));
                request.PageProductIds.AddRange(FormIds.Of(form.OnPage));
                shown = await calls.Recommender.RecommendPlacementAsync(
                    request, cancellationToken: calls.Cancellation);
            }
        }
        catch (RpcException e)
        {
            problem = Problem.Of(e);
        }

        return Page.Of<PlacementsPage>(
            await Facts(calls, form) with { Saved = saved, Shown = shown, Problem = problem }, problem);
    }

    private static async Task<PlacementFacts> Facts(EngineCalls calls, PlacementForm form) => new(
        await calls.Catalog.ListPlacementsAsync(
            new ListPlacementsRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation),
        [.. (await calls.Catalog.ListPoolsAsync(
            new ListPoolsRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation))
            .Pools.Select(pool => pool.Name)],
        form);
}

/// <summary>What the page shows.</summary>
/// <param name="List">The saved ones.</param>
/// <param name="Pools">The saved pools, to choose from.</param>
/// <param name="Form">The placement that is edited.</param>
public sealed record PlacementFacts(ListPlacementsReply List, IReadOnlyList<string> Pools, PlacementForm Form)
{
    /// <summary>It, once it is saved.</summary>
    public Placement? Saved { get; init; }

    /// <summary>What it would show.</summary>
    public PlacementReply? Shown { get; init; }

    /// <summary>What the engine refused.</summary>
    public Problem? Problem { get; init; }
}
