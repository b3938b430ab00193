using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>
/// Asks a model every kind of question before it is served: its code is compiled, its working memory grown, its hot pages
/// mapped, and an answer that cannot be given is found while the old model still serves.
/// </summary>
internal static class WarmUp
{
    private const int Samples = 64;

    /// <exception cref="InputException">A question failed or an answer is not sound; the model must not be served.</exception>
    public static void Run(ScoringModel model, WorkspaceCatalog catalog, TimeProvider time)
    {
        try
        {
            Ask(model, catalog, time);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InputException($"snapshot {model.Snapshot.Id} is refused: a warm-up question failed with '{e.Message}', expected an answer: train it again", e);
        }
    }

    private static void Ask(ScoringModel model, WorkspaceCatalog catalog, TimeProvider time)
    {
        var (users, products) = (model.Snapshot.UserIds, model.Snapshot.ProductIds);
        for (var i = 0; i < Math.Min(Samples, users.Count); i++)
        {
            var user = users.Get((int)((long)i * users.Count / Math.Min(Samples, users.Count)));
            var reply = RecommendCall.Answer(model, catalog, new Proto.RecommendRequest { UserId = user }, CallClock.Start(time));
            CheckFinite(reply);
        }

        for (var i = 0; i < Math.Min(Samples, products.Count); i++)
        {
            // Products stand in descending norm: the first are the ones that searches read most.
            var product = products.Get(i);
            var basket = new Proto.RecommendRequest { Recent = { new Proto.RecentBehavior { ProductId = product } } };
            CheckFinite(RecommendCall.Answer(model, catalog, basket, CallClock.Start(time)));
            RelatedCall.Answer(model, catalog, new Proto.RelatedProductsRequest { ProductId = product }, CallClock.Start(time));
        }

        if (products.Count > 0)
        {
            var question = new Proto.RankUsersRequest { ProductId = products.Get(0) };
            _ = RankUsersCall.Answer(model, catalog, question, CallClock.Start(time)).First();
        }
    }

    private static void CheckFinite(Proto.RecommendReply reply)
    {
        foreach (var product in reply.Products)
        {
            if (!float.IsFinite(product.Score))
            {
                throw new InputException($"product '{product.ProductId}' has score {product.Score}");
            }
        }
    }
}
