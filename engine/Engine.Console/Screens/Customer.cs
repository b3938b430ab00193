using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>
/// One customer: the products that the engine recommends, why, what a basket would change, and what was bought.
/// </summary>
internal static class Customer
{
    /// <summary>Where it is.</summary>
    public const string Path = "/customer";

    private const int Products = 10;
    private const int Compared = 1000;
    private const int History = 100;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Show);

    private static async Task<IResult> Show(EngineCalls calls, string? id, string? basket)
    {
        var (user, entered) = (id?.Trim() ?? "", basket ?? "");
        if (user.Length == 0 && entered.Length == 0)
        {
            return Page.Of<CustomerPage>(new CustomerFacts("", "", null, [], null));
        }

        var recent = FormIds.Of(entered)
            .Select(product => new RecentBehavior { ProductId = product, Type = BehaviorType.Cart })
            .ToArray();
        try
        {
            var reply = await List(calls, user, recent, "", Products, PurchasedPolicy.Include);
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

            var facts = new CustomerFacts(user, entered, reply, reasons, null);
            return Page.Of<CustomerPage>(
                reply.Source is Source.User or Source.UserAndRecent ? await WithHistory(calls, facts) : facts);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            var problem = Problem.Of(e);
            return Page.Of<CustomerPage>(new CustomerFacts(user, entered, null, [], problem), problem);
        }
    }

    // A known customer has bought something, and a basket can be compared with none.
    private static async Task<CustomerFacts> WithHistory(EngineCalls calls, CustomerFacts facts)
    {
        var snapshot = facts.Reply!.SnapshotId;
        if (facts.Basket.Length > 0)
        {
            facts = facts with
            {
                Without = await List(calls, facts.Id, [], snapshot, Compared, PurchasedPolicy.Include),
            };
        }

        try
        {
            var next = await calls.Recommender.NextOrderAsync(
                new NextOrderRequest
                {
                    Workspace = calls.Workspace,
                    SnapshotId = snapshot,
                    UserIds = { facts.Id },
                    TopK = History,
                },
                cancellationToken: calls.Cancellation);
            return facts with { Orders = next.Users.FirstOrDefault() };
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            // The snapshot does not know when: what was bought is known all the same.
            return facts with { Bought = await List(calls, facts.Id, [], snapshot, History, PurchasedPolicy.Only) };
        }
    }

    private static async Task<RecommendReply> List(
        EngineCalls calls,
        string user,
        IReadOnlyList<RecentBehavior> recent,
        string snapshot,
        int top,
        PurchasedPolicy purchased)
    {
        var request = new RecommendRequest
        {
            Workspace = calls.Workspace,
            SnapshotId = snapshot,
            UserId = user,
            TopK = top,
            Purchased = purchased,
        };
        request.Recent.AddRange(recent);
        return await calls.Recommender.RecommendAsync(request, cancellationToken: calls.Cancellation);
    }
}

/// <summary>What the page shows.</summary>
/// <param name="Id">The customer.</param>
/// <param name="Basket">Ids of products, as entered.</param>
/// <param name="Reply">What is recommended; null before the choice.</param>
/// <param name="Reasons">One for each product.</param>
/// <param name="Problem">Why there is no list.</param>
public sealed record CustomerFacts(
    string Id, string Basket, RecommendReply? Reply, IReadOnlyList<string> Reasons, Problem? Problem)
{
    /// <summary>What is recommended without the basket, far down; null when there is no basket to leave out.</summary>
    public RecommendReply? Without { get; init; }

    /// <summary>What was bought and when it is due; null when the engine does not know when.</summary>
    public NextOrder? Orders { get; init; }

    /// <summary>What was bought, where <see cref="Orders"/> is null.</summary>
    public RecommendReply? Bought { get; init; }
}
