using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>Audiences: the saved ones, and new ones from behavior, from others and from results.</summary>
internal static class Audiences
{
    /// <summary>Where they are.</summary>
    public const string Path = "/audiences";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, async (EngineCalls calls, string? kind) =>
            Page.Of<AudiencesPage>(await Facts(calls, new AudienceForm { Kind = kind ?? AudienceForm.Behavior })));
        app.MapPost(Path, Save);
        app.MapGet($"{Path}/{{name}}/export", Export);
        app.MapPost($"{Path}/delete", Delete);
    }

    private static async Task<IResult> Save(EngineCalls calls, IFormCollection posted)
    {
        var form = AudienceForm.Of(posted);
        Audience? counted = null;
        Problem? problem = null;
        try
        {
            var request = form.Request();
            request.Workspace = calls.Workspace;
            counted = await calls.Catalog.SaveAudienceAsync(request, cancellationToken: calls.Cancellation);
        }
        catch (RpcException e)
        {
            problem = Problem.Of(e);
        }

        var facts = await Facts(calls, form);
        return Page.Of<AudiencesPage>(facts with { Counted = counted, Problem = problem }, problem);
    }

    private static async Task<IResult> Delete(EngineCalls calls, IFormCollection posted)
    {
        await calls.Catalog.DeleteAudienceAsync(
            new DeleteAudienceRequest { Workspace = calls.Workspace, Name = posted["name"].ToString() },
            cancellationToken: calls.Cancellation);
        return Results.LocalRedirect(Path);
    }

    private static async Task<IResult> Export(EngineCalls calls, string name, HttpResponse response)
    {
        using var file = calls.Catalog.ExportAudience(
            new ExportAudienceRequest { Workspace = calls.Workspace, Name = name },
            cancellationToken: calls.Cancellation);
        return await FileAnswer.Send(response, file.ResponseStream, $"{name}.csv", calls.Cancellation);
    }

    private static async Task<AudienceFacts> Facts(EngineCalls calls, AudienceForm form) => new(
        await calls.Catalog.ListAudiencesAsync(
            new ListAudiencesRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation),
        form);
}

/// <summary>What the page shows.</summary>
/// <param name="List">The saved ones.</param>
/// <param name="Form">The new one.</param>
public sealed record AudienceFacts(ListAudiencesReply List, AudienceForm Form)
{
    /// <summary>The new one, counted or saved.</summary>
    public Audience? Counted { get; init; }

    /// <summary>Why it was not.</summary>
    public Problem? Problem { get; init; }
}
