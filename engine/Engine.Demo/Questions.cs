using Engine.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Engine.Demo;

/// <summary>
/// Three people's questions, asked over gRPC as their programs would. The demo knows no id beforehand: it takes a
/// popular product and one of its buyers from the engine itself.
/// </summary>
internal static class Questions
{
    private const int Rows = 8;

    /// <summary>Asks, prints, and shows how to ask the same with curl.</summary>
    /// <exception cref="RpcException">The engine did not answer.</exception>
    public static async System.Threading.Tasks.Task Ask(Endpoints endpoints, CancellationToken cancellation)
    {
        using var channel = GrpcChannel.ForAddress(endpoints.Grpc);
        var engine = new Recommender.RecommenderClient(channel);
        var product = await PopularProduct(engine, cancellation);
        var user =
            (await FirstBlock(
                engine,
                new RankUsersRequest { ProductId = product.ProductId, TopK = 1, Purchased = PurchasedPolicy.Only },
                cancellation)).Users[0].UserId;

        var recommend = new RecommendRequest { UserId = user, TopK = Rows, Purchased = PurchasedPolicy.Exclude };
        var recommended = await engine.RecommendAsync(recommend, cancellationToken: cancellation);
        var related = new RelatedProductsRequest { ProductId = product.ProductId, TopK = Rows };
        var relatives = await engine.RelatedProductsAsync(related, cancellationToken: cancellation);
        var rank = new RankUsersRequest
        {
            ProductId = product.ProductId,
            TopK = Rows,
            Purchased = PurchasedPolicy.Exclude,
        };
        var ranked = await FirstBlock(engine, rank, cancellation);

        var productReasons =
            await Reasons(engine, recommended.Products.Select(found => (user, found.ProductId)), cancellation);
        var userReasons =
            await Reasons(engine, ranked.Users.Select(found => (found.UserId, product.ProductId)), cancellation);
        Answers.Print(user, recommended, productReasons);
        Answers.Print(product.ProductName, relatives);
        Answers.Print(ranked, userReasons);
        Console.WriteLine("\nThe same questions with curl (and with any gRPC client: the server has reflection):");
        Console.WriteLine(Curl(endpoints, "recommend", recommend));
        Console.WriteLine(Curl(endpoints, "related-products", related));
        Console.WriteLine(Curl(endpoints, "rank-users", rank));
    }

    // Without a user, popularity answers.
    private static async Task<ScoredProduct> PopularProduct(
        Recommender.RecommenderClient engine, CancellationToken cancellation)
    {
        var popular = new RecommendRequest { TopK = 1, OnUnknown = OnUnknownUser.PopularInPool };
        var reply = await engine.RecommendAsync(popular, cancellationToken: cancellation);
        return reply.Products.Count > 0
            ? reply.Products[0]
            : throw new DemoException(
                $"snapshot {reply.SnapshotId} holds no product, expected some: train on tables with purchases");
    }

    private static async Task<List<string>> Reasons(
        Recommender.RecommenderClient engine,
        IEnumerable<(string User, string Product)> pairs,
        CancellationToken cancellation)
    {
        var reasons = new List<string>();
        foreach (var (user, product) in pairs)
        {
            reasons.Add(
                (await engine.ExplainAsync(
                    new ExplainRequest { UserId = user, ProductId = product },
                    cancellationToken: cancellation)).Reason);
        }

        return reasons;
    }

    private static async Task<RankUsersReply> FirstBlock(
        Recommender.RecommenderClient engine, RankUsersRequest request, CancellationToken cancellation)
    {
        using var call = engine.RankUsers(request, cancellationToken: cancellation);
        await call.ResponseStream.MoveNext(cancellation);
        return call.ResponseStream.Current;
    }

    private static string Curl(Endpoints endpoints, string path, Google.Protobuf.IMessage request) =>
        $"  curl -s {endpoints.Http}/v1/{path} -H 'Content-Type: "
        + $"application/json' -d '{request.ToString()?.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
