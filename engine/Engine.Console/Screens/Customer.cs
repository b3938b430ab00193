using Engine.Protos.V1;
using Engine.WebConsole.Calls;
using Engine.WebConsole.Parts;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Engine.WebConsole.Screens;

/// <summary>One customer: the products that the engine recommends, why, and what a basket would change.</summary>
internal static class Customer
{
    /// <summary>Where it is.</summary>
    public const string Path = "/customer";

    private const int Products = 10;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Show);

    private static async Task<IResult> Show(EngineCalls calls, string? id, string? basket)
    {
        var (user, entered) = (id?.Trim() ?? "", basket ?? "");
        if (user.Length == 0 && entered.Length == 0)
        {
            return Page.Of<CustomerPage>(new CustomerFacts("", "", null, [], null));
        }

        var recent = entered.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Select(product => new RecentBehavior { ProductId = product, Type = BehaviorType.Cart })
            .ToArray();
        try
        {
            var request = new RecommendRequest { Workspace = calls.Workspace, UserId = user, TopK = Products };
            request.Recent.AddRange(recent);
            var reply = await calls.Recommender.RecommendAsync(request, cancellationToken: calls.Cancellation);
            var reasons = new List<string>();
            foreach (var product in reply.Products)
            {
                var explain = new ExplainRequest
                {
                    Workspace = calls.Workspace,
                    SnapshotId = reply.SnapshotId,
                    UserId = user,
                    ProductId = product.ProductId,
                };
                explain.Recent.AddRange(recent);
                var explained = await calls.Recommender.ExplainAsync(explain, cancellationToken: calls.Cancellation);
                reasons.Add(explained.Reason);
            }

            return Page.Of<CustomerPage>(new CustomerFacts(user, entered, reply, reasons, null));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            var problem = Problem.Of(e);
            return Page.Of<CustomerPage>(new CustomerFacts(user, entered, null, [], problem), problem);
        }
    }
}

/// <summary>What the page shows.</summary>
/// <param name="Id">The customer.</param>
/// <param name="Basket">Ids of products, as entered.</param>
/// <param name="Reply">What is recommended; null before the choice.</param>
/// <param name="Reasons">One for each product.</param>
/// <param name="Problem">Why there is no list.</param>
public sealed record CustomerFacts(
    string Id, string Basket, RecommendReply? Reply, IReadOnlyList<string> Reasons, Problem? Problem);
