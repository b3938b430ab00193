using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>Pools: the saved ones with versions, and a rule of clauses that is counted before it is saved.</summary>
internal static class Pools
{
    /// <summary>Where they are.</summary>
    public const string Path = "/pools";

    private const int Shown = 20;

    // A form takes no more.
    private const int MostListed = 20_000;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Open);
        app.MapPost(Path, Make);
        app.MapPost($"{Path}/delete", async (EngineCalls calls, IFormCollection posted) =>
        {
            await calls.Catalog.DeletePoolAsync(
                new DeletePoolRequest { Workspace = calls.Workspace, Name = posted["name"].ToString() },
                cancellationToken: calls.Cancellation);
            return Results.LocalRedirect(Path);
        });
    }

    private static async Task<IResult> Open(EngineCalls calls, string? name, long? version, string? kind)
    {
        if (name is not { Length: > 0 })
        {
            return Page.Of<PoolsPage>(
                await Facts(calls, new PoolForm { Text = kind == "text" ? "" : null }, counts: false));
        }

        var pool = await calls.Catalog.GetPoolAsync(
            new GetPoolRequest { Workspace = calls.Workspace, Name = name, Version = version ?? 0 },
            cancellationToken: calls.Cancellation);
        var form = pool.ListedCount > MostListed ? new PoolForm { Name = name } : PoolForm.Of(pool);
        var facts = await Facts(calls, form, counts: pool.Problem.Length == 0 && pool.ListedCount <= MostListed);
        return Page.Of<PoolsPage>(facts with { Pool = pool, IsTooLong = pool.ListedCount > MostListed });
    }

    private static async Task<IResult> Make(EngineCalls calls, IFormCollection posted)
    {
        var form = PoolForm.Of(posted);
        var facts = await Facts(calls, form, counts: form.Step != PoolForm.More);
        if (form.Step != PoolForm.Save || facts.Problem is not null)
        {
            return Page.Of<PoolsPage>(facts, facts.Problem);
        }

        try
        {
            var request = new SavePoolRequest
            {
                Workspace = calls.Workspace,
                Name = form.Name,
                Rule = form.Text ?? "",
                Tree = form.Tree(facts.Types),
            };
            request.ProductIds.AddRange(FormIds.Of(form.Ids));
            var saved = await calls.Catalog.SavePoolAsync(request, cancellationToken: calls.Cancellation);
            return Page.Of<PoolsPage>(await Facts(calls, form, counts: true) with { Pool = saved, IsSaved = true });
        }
        catch (RpcException e)
        {
            facts = facts with { Problem = Problem.Of(e) };
            return Page.Of<PoolsPage>(facts, facts.Problem);
        }
    }

    private static async Task<PoolFacts> Facts(EngineCalls calls, PoolForm form, bool counts)
    {
        var list = await calls.Catalog.ListPoolsAsync(
            new ListPoolsRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation);
        var snapshot = await calls.Snapshots.DescribeAsync(
            new DescribeSnapshotRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation);
        var facts = new PoolFacts(list, [.. snapshot.Tags], form);
        if (!counts)
        {
            return facts;
        }

        try
        {
            var request = new PreviewPoolRequest
            {
                Workspace = calls.Workspace,
                Rule = form.Text ?? "",
                Tree = form.Tree(facts.Types),
            };
            request.ProductIds.AddRange(FormIds.Of(form.Ids));
            var preview = await calls.Catalog.PreviewPoolAsync(request, cancellationToken: calls.Cancellation);
            return facts with
            {
                Preview = preview,
                Steps = [.. PoolSteps.Of(preview, snapshot.Info.ProductCount)],
                Products = await ProductSearch.Popular(
                    calls, new PoolFilter { Rule = preview.Rule, ProductIds = { request.ProductIds } }, Shown),
            };
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.InvalidArgument or StatusCode.ResourceExhausted)
        {
            return facts with { Problem = Problem.Of(e) };
        }
    }
}

/// <summary>What the page shows.</summary>
/// <param name="List">The saved ones.</param>
/// <param name="Tags">What rules are made of.</param>
/// <param name="Form">The pool that is made.</param>
public sealed record PoolFacts(ListPoolsReply List, IReadOnlyList<TagInfo> Tags, PoolForm Form)
{
    /// <summary>Its counts, once they are asked for.</summary>
    public PreviewPoolReply? Preview { get; init; }

    /// <summary>What each clause removed.</summary>
    public IReadOnlyList<PoolStep> Steps { get; init; } = [];

    /// <summary>Its products, those with most buyers first.</summary>
    public IReadOnlyList<ScoredProduct> Products { get; init; } = [];

    /// <summary>The saved pool that was opened or made; null for a new one.</summary>
    public Pool? Pool { get; init; }

    /// <summary>It was saved just now.</summary>
    public bool IsSaved { get; init; }

    /// <summary>It lists more ids than a form takes, so it is only shown.</summary>
    public bool IsTooLong { get; init; }

    /// <summary>What the engine refused.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The types of the tags, by column and alias.</summary>
    public IReadOnlyDictionary<string, TagType> Types => Tags
        .SelectMany(tag => new[] { (tag.Alias, tag.Type), (tag.Column, tag.Type) })
        .DistinctBy(pair => pair.Item1)
        .ToDictionary(pair => pair.Item1, pair => pair.Type, StringComparer.Ordinal);
}
