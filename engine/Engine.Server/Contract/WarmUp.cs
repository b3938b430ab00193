using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// Runs every kind of query on a model before it is served: compiles the code, allocates the buffers, maps the hot
/// pages, and detects failing queries while the current model keeps serving.
/// </summary>
internal static class WarmUp
{
    private const int Samples = 64;

    /// <exception cref="InputException">
    /// A query failed or gave a score that is not finite: the model must not be served.
    /// </exception>
    public static void Run(ScoringModel model, WorkspaceCatalog catalog, TimeProvider time)
    {
        try
        {
            Query(model, catalog, time);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InputException(
                $"snapshot {model.Snapshot.Id} rejected: a warm-up query failed ({e.Message}). Train it again", e);
        }
    }

    private static void Query(ScoringModel model, WorkspaceCatalog catalog, TimeProvider time)
    {
        var (users, products) = (model.Snapshot.UserIds, model.Snapshot.ProductIds);
        for (var i = 0; i < Math.Min(Samples, users.Count); i++)
        {
            var user = (int)((long)i * users.Count / Math.Min(Samples, users.Count));
            if (!model.Snapshot.HiddenUsers.Contains(user))
            {
                CheckFinite(
                    RecommendCall.Answer(
                        model,
                        catalog,
                        new Proto.RecommendRequest { UserId = users.Get(user) },
                        CallClock.Start(time)));
            }
        }

        for (var i = 0; i < Math.Min(Samples, products.Count); i++)
        {
            // Products are sorted by descending norm: searches read the first ones most.
            var product = products.Get(i);
            var basket = new Proto.RecommendRequest { Recent = { new Proto.RecentBehavior { ProductId = product } } };
            CheckFinite(RecommendCall.Answer(model, catalog, basket, CallClock.Start(time)));
            RelatedCall.Answer(
                model, catalog, new Proto.RelatedProductsRequest { ProductId = product }, CallClock.Start(time));
        }

        if (products.Count > 0)
        {
            var request = new Proto.RankUsersRequest { ProductId = products.Get(0), AllowPartial = true };
            _ = RankUsersCall.Answer(model, catalog, request, CallClock.Start(time)).First();
        }
    }

    private static void CheckFinite(Proto.RecommendReply reply)
    {
        foreach (var product in reply.Products)
        {
            if (!float.IsFinite(product.Score))
            {
                throw new InputException(
                    $"product '{product.ProductId}' has score {product.Score}; expected a finite number");
            }
        }
    }
}
