using Engine.Protos.V1;
using Microsoft.AspNetCore.WebUtilities;

namespace Engine.WebConsole.Screens;

/// <summary>
/// A goes with B: the related products of A, the customers who did something with A and do not own B, and the task that
/// tells them.
/// </summary>
internal static class GoesWith
{
    /// <summary>Where it is.</summary>
    public const string Path = "/goes-with";

    private const int Related = 20;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Show);
        app.MapPost(Path, Make);
    }

    private static async Task<IResult> Show(EngineCalls calls, string? q, string? product) =>
        product is { Length: > 0 }
            ? Page.Of<GoesWithPage>(
                new GoesWithFacts("", [], await RelatedTo(calls, product), new CampaignForm(), null))
            : Page.Of<GoesWithPage>(
                new GoesWithFacts(q ?? "", await ProductSearch.Find(calls, q ?? ""), null, new CampaignForm(), null));

    // Each button does what the buttons before it do, and one step more.
    private static async Task<IResult> Make(EngineCalls calls, IFormCollection posted)
    {
        var form = CampaignForm.Of(posted);
        var related = await RelatedTo(calls, form.Product);
        if (form.Products.Count == 0)
        {
            // For the engine, no product means any product.
            var missing = new Problem(StatusCode.InvalidArgument, GoesWithFacts.NoneTicked, "");
            return Page.Of<GoesWithPage>(
                new GoesWithFacts("", [], related, form, null) { Problem = missing }, missing);
        }

        Problem? problem = null;
        CampaignSize? size = null;
        try
        {
            size = await Count(calls, form);
            if (form.Step != CampaignForm.CountOnly)
            {
                var target = new SaveAudienceRequest
                {
                    Workspace = calls.Workspace,
                    Name = form.Name,
                    Combination = Difference(form),
                };
                size = size with
                {
                    Saved = await calls.Catalog.SaveAudienceAsync(target, cancellationToken: calls.Cancellation),
                };
            }

            if (form.Step == CampaignForm.Plan)
            {
                var products = form.Rule.Length > 0 ? "" : string.Join(',', form.Products);
                return Results.LocalRedirect(QueryHelpers.AddQueryString(
                    NewTask.Path,
                    new Dictionary<string, string?>
                    {
                        ["audience"] = form.Name,
                        ["rule"] = form.Rule,
                        ["products"] = products,
                        ["top"] = form.TopK,
                    }));
            }

            if (form.Step == CampaignForm.Start)
            {
                var task = await calls.Tasks.CreateAsync(TaskOf(calls, form), cancellationToken: calls.Cancellation);
                return Results.LocalRedirect($"{TaskScreen.Path}/{task.TaskId}");
            }
        }
        catch (RpcException e)
        {
            problem = Problem.Of(e);
        }

        return Page.Of<GoesWithPage>(new GoesWithFacts("", [], related, form, size) { Problem = problem }, problem);
    }

    private static async Task<RelatedFacts> RelatedTo(EngineCalls calls, string product) => new(
        product,
        await calls.Recommender.RelatedProductsAsync(
            new RelatedProductsRequest { Workspace = calls.Workspace, ProductId = product, TopK = Related },
            cancellationToken: calls.Cancellation));

    // The combination needs both parts by name, so both are saved.
    private static async Task<CampaignSize> Count(EngineCalls calls, CampaignForm form)
    {
        var did = new BehaviorAudience
        {
            ProductIds = { form.Product },
            WithinDays = FormValue.Whole("within_days", form.Days),
        };
        did.Types_.AddRange(form.Types);
        var owns = new BehaviorAudience { Types_ = { BehaviorType.Purchase } };
        owns.ProductIds.AddRange(form.Products);
        return new CampaignSize(
            await Save(form.DidName, did),
            await Save(form.OwnsName, owns),
            await calls.Catalog.SaveAudienceAsync(
                new SaveAudienceRequest
                {
                    Workspace = calls.Workspace,
                    Name = form.Name,
                    Combination = Difference(form),
                    ValidateOnly = true,
                },
                cancellationToken: calls.Cancellation),
            null);

        async Task<Audience> Save(string name, BehaviorAudience behavior) =>
            await calls.Catalog.SaveAudienceAsync(
                new SaveAudienceRequest { Workspace = calls.Workspace, Name = name, Behavior = behavior },
                cancellationToken: calls.Cancellation);
    }

    private static AudienceCombination Difference(CampaignForm form) => new()
    {
        Operation = AudienceOperation.Difference,
        Audiences = { form.DidName, form.OwnsName },
    };

    private static CreateTaskRequest TaskOf(EngineCalls calls, CampaignForm form)
    {
        var request = new CreateTaskRequest
        {
            Workspace = calls.Workspace,
            Audience = form.Name,
            TopK = form.Rule.Length > 0 ? FormValue.Whole("top_k", form.TopK) : 0,
            PoolRule = form.Rule,
        };
        if (form.Rule.Length == 0)
        {
            request.PoolProductIds.AddRange(form.Products);
        }

        return request;
    }
}
