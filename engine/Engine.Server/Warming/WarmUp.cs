using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Replies;
using Google.Protobuf;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Warming;

/// <summary>
/// Runs every kind of query on a model before it is served, and a sample of recent requests: compiles the code,
/// allocates the buffers, maps the hot pages, and detects failing queries while the current model keeps serving.
/// </summary>
internal static class WarmUp
{
    private const int Samples = 64;

    /// <summary>Asks, and throws the answers away.</summary>
    /// <param name="model">Not served yet.</param>
    /// <param name="catalog">Of its workspace.</param>
    /// <param name="recent">What callers asked a moment ago.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InputException">
    /// A query failed or gave a score that is not finite: the model must not be served.
    /// </exception>
    public static void Run(
        ScoringModel model, WorkspaceCatalog catalog, IReadOnlyList<IMessage> recent, TimeProvider time)
    {
        var what = "a warm-up query";
        try
        {
            Query(model, catalog, time);
            what = "a request like the last ones";
            Replay.Run(model, catalog, recent, time);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InputException(
                $"snapshot {model.Snapshot.Id} rejected: {what} failed ({e.Message}). Train it again", e);
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
                Recommend(model, catalog, new Proto.RecommendRequest { UserId = users.Get(user) }, time);
            }
        }

        for (var i = 0; i < Math.Min(Samples, products.Count); i++)
        {
            // Products are sorted by descending norm: searches read the first ones most.
            var product = products.Get(i);
            Recommend(
                model,
                catalog,
                new Proto.RecommendRequest { Recent = { new Proto.RecentBehavior { ProductId = product } } },
                time);
            RelatedCall.Answer(
                model, catalog, new Proto.RelatedProductsRequest { ProductId = product }, CallClock.Start(time));
        }

        var unknown = new Proto.RecommendRequest { OnUnknown = Proto.OnUnknownUser.PopularInPool };
        Recommend(model, catalog, unknown, time);
        if (products.Count > 0)
        {
            var request = new Proto.RankUsersRequest { ProductId = products.Get(0), AllowPartial = true };
            _ = RankUsersCall.Answer(model, catalog, request, CallClock.Start(time)).First();
        }
    }

    // In both forms, as callers get it.
    private static void Recommend(
        ScoringModel model, WorkspaceCatalog catalog, Proto.RecommendRequest request, TimeProvider time)
    {
        var (wire, json) = (EncodedReply.Rent(), EncodedReply.Rent());
        RecommendCall.Answer(model, catalog, request, CallClock.Start(time), facts =>
        {
            ScoreException.Check(facts);
            wire.WriteWire(facts);
            json.WriteJson(facts);
        });
        wire.Return();
        json.Return();
    }
}
