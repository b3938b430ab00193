using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>One product: what goes with it, who bought it, and who wants it.</summary>
internal static class ProductScreen
{
    /// <summary>Where it is.</summary>
    public const string Path = "/product";

    private const int Related = 20;
    private const int Users = 20;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Show);

    private static async Task<IResult> Show(EngineCalls calls, string? q, string? product)
    {
        if (product is not { Length: > 0 })
        {
            return Page.Of<ProductPage>(new ProductFacts(q ?? "", await ProductSearch.Find(calls, q ?? ""), null));
        }

        var related = await calls.Recommender.RelatedProductsAsync(
            new RelatedProductsRequest { Workspace = calls.Workspace, ProductId = product, TopK = Related },
            cancellationToken: calls.Cancellation);
        var names = calls.Visitor.May("audience");
        return Page.Of<ProductPage>(new ProductFacts("", [], new OneProduct(
            product,
            related,
            names ? await Ranked(calls, product, PurchasedPolicy.Only) : null,
            names ? await Ranked(calls, product, PurchasedPolicy.Exclude) : null)));
    }

    private static async Task<RankUsersReply> Ranked(EngineCalls calls, string product, PurchasedPolicy purchased)
    {
        var request = new RankUsersRequest
        {
            Workspace = calls.Workspace,
            ProductId = product,
            Purchased = purchased,
            TopK = Users,
        };
        using var stream = calls.Recommender.RankUsers(request, cancellationToken: calls.Cancellation);
        // There is always a first message, and it holds all of so few.
        await stream.ResponseStream.MoveNext(calls.Cancellation);
        return stream.ResponseStream.Current;
    }
}

/// <summary>What the page shows: products to choose from, or one.</summary>
/// <param name="Query">What was searched for.</param>
/// <param name="Found">What was found.</param>
/// <param name="Product">The chosen one; null before the choice.</param>
public sealed record ProductFacts(string Query, IReadOnlyList<ScoredProduct> Found, OneProduct? Product);

/// <summary>One product.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Related">What goes with it.</param>
/// <param name="Buyers">Who bought it, the keenest first; null without the scope.</param>
/// <param name="Wanting">Who did not and wants it most; null without the scope.</param>
public sealed record OneProduct(
    string Id, RelatedProductsReply Related, RankUsersReply? Buyers, RankUsersReply? Wanting);
