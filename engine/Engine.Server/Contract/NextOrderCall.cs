using System.Globalization;
using Engine.Scoring.Ids;
using Engine.Scoring.Models;
using Engine.Scoring.Orders;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Errors;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Proto = Engine.Protos.V1;

namespace Engine.Server.Contract;

/// <summary>NextOrder, from request to reply: the same code in the server and on the command line.</summary>
internal static class NextOrderCall
{
    private const int MaximumUsers = 200;
    private const int MaximumProducts = 100;

    // An audience of those who are due is one of those who come: not of everybody with an old purchase.
    private const double LeastProbability = 0.1;

    /// <summary>Answers from one model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="catalog">Pools and blocked products.</param>
    /// <param name="request">The request.</param>
    /// <param name="clock">Measures the call.</param>
    /// <param name="isPart">Whether the request has some of a caller's users: then none of them need be known.</param>
    /// <param name="cancellation">The caller has gone.</param>
    /// <exception cref="InputException">
    /// A field is out of its range, no user is known, or the snapshot does not predict next orders.
    /// </exception>
    public static Proto.NextOrderReply Answer(
        ScoringModel model,
        WorkspaceCatalog catalog,
        Proto.NextOrderRequest request,
        CallClock clock,
        bool isPart = false,
        CancellationToken cancellation = default)
    {
        var snapshot = model.Snapshot;
        var (orders, days) = Check(snapshot, request);
        if (!isPart)
        {
            CheckKnown(request, id => snapshot.FindUser(id) >= 0);
        }

        var pool = request.Pool is null ? null : PoolOf(model, catalog, request.Pool, cancellation);
        var blocked = catalog.Blocked.Resolve(model, cancellation);
        var reply = new Proto.NextOrderReply { SnapshotId = snapshot.SetId, WithinDays = days };
        foreach (var id in request.UserIds)
        {
            cancellation.ThrowIfCancellationRequested();
            var user = snapshot.FindUser(id);
            if (user < 0)
            {
                reply.Skipped.Add(new Proto.Skipped { Id = id, Reason = Proto.SkipReason.UnknownUser });
                reply.SkippedCount++;
                continue;
            }

            var next = Of(snapshot, id, orders.Forecast(new UserOrdinal(user), days));
            next.Products.AddRange(
                orders.Products(new UserOrdinal(user), days, pool, blocked)
                    .Take(RequestFields.OrDefault(request.TopK, RequestFields.DefaultTopK))
                    .Select(product => Of(snapshot, product)));
            reply.Users.Add(next);
        }

        if (pool is { Count: 0 })
        {
            reply.Warnings.Add(pool.Problem);
        }

        clock.WarnWhenStale(snapshot, reply.Warnings);
        reply.ServerMicros = clock.Micros;
        return reply;
    }

    /// <summary>Checks the numbers of a request.</summary>
    /// <returns>What predicts, and the days.</returns>
    /// <exception cref="InputException">
    /// A field is out of its range, or the snapshot does not predict next orders.
    /// </exception>
    public static (NextOrders Orders, int Days) Check(Snapshot snapshot, Proto.NextOrderRequest request)
    {
        var orders = Orders(snapshot);
        var days = Days(snapshot, request.WithinDays);
        Require.Between("user_ids", request.UserIds.Count, 1, MaximumUsers);
        Require.Between("top_k", request.TopK, 0, MaximumProducts);
        return (orders, days);
    }

    /// <summary>Checks that a user is known.</summary>
    /// <exception cref="FieldException">None is.</exception>
    public static void CheckKnown(Proto.NextOrderRequest request, Func<string, bool> isKnown) =>
        UnknownIds.NoteOrThrow("user_ids", request.UserIds, isKnown);

    /// <summary>The users who have a product due.</summary>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static IEnumerable<UserOrdinal> Due(
        ScoringModel model, WorkspaceCatalog catalog, Proto.DueAudience due, CancellationToken cancellation)
    {
        var orders = Orders(model.Snapshot);
        var least = due.HasMinProbability ? due.MinProbability : LeastProbability;
        NextOrders.CheckDays("due.within_days", due.WithinDays);
        Require.Between("due.min_probability", least, 0, 1);
        var pool = AudienceAnswers.PoolOf(
            model, catalog, "due", due.ProductIds, due.Pool, due.Rule, cancellation);
        return orders.Where(
            user => orders.Products(user, due.WithinDays, pool, blocked: null)
                .Exists(product => product.IsDue(due.WithinDays) && product.Probability >= least),
            cancellation);
    }

    /// <summary>The users by how probable an order is.</summary>
    /// <exception cref="InputException">A field is out of its range.</exception>
    public static IEnumerable<UserOrdinal> Ordering(
        ScoringModel model, Proto.OrderAudience audience, CancellationToken cancellation)
    {
        var orders = Orders(model.Snapshot);
        var days = Days(model.Snapshot, audience.WithinDays);
        var (least, most) = (
            audience.HasMinProbability ? audience.MinProbability : 0,
            audience.HasMaxProbability ? audience.MaxProbability : 1);
        Require.Between("orders.min_probability", least, 0, 1);
        Require.Between("orders.max_probability", most, least, 1);
        Require.Between("orders.min_orders", audience.MinOrders, 0, 1_000);
        return orders.Where(
            user => orders.Forecast(user, days) is var next && next.OrderDays >= audience.MinOrders
                && next.Probability >= least && next.Probability <= most,
            cancellation);
    }

    /// <summary>A day in the time of the dataset.</summary>
    /// <param name="snapshot">Whose last day is 0.</param>
    /// <param name="after">Days after it.</param>
    public static string Date(Snapshot snapshot, int after) =>
        snapshot.Manifest.Scope.LastDay.AddDays(after).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The next orders of a snapshot.</summary>
    /// <exception cref="StateException">It does not predict them.</exception>
    private static NextOrders Orders(Snapshot snapshot) =>
        snapshot.NextOrder is null ? throw new StateException(NextOrders.Missing(snapshot)) : new NextOrders(snapshot);

    private static int Days(Snapshot snapshot, int within)
    {
        var days = RequestFields.OrDefault(within, snapshot.Manifest.Scope.HorizonDays);
        NextOrders.CheckDays("within_days", days);
        return days;
    }

    private static ResolvedPool? PoolOf(
        ScoringModel model, WorkspaceCatalog catalog, Proto.PoolFilter pool, CancellationToken cancellation) =>
        pool.Inline && pool.ProductIds.Count == 0
            ? model.Resolve(PoolDefinition.OfIds([]), cancellation)
            : AudienceAnswers.PoolOf(model, catalog, "pool", pool.ProductIds, pool.Pool, pool.Rule, cancellation);

    private static Proto.NextOrder Of(Snapshot snapshot, string id, in OrderForecast next) => new()
    {
        UserId = id,
        Probability = next.Probability,
        ExpectedOrders = next.ExpectedOrders,
        LikelyDate = Date(snapshot, next.LikelyDay),
        LastOrderDate = Date(snapshot, -next.Age),
        OrderDays = next.OrderDays,
        IntervalDays = next.Interval,
    };

    private static Proto.DueProduct Of(Snapshot snapshot, in DueProduct product) => new()
    {
        ProductId = snapshot.ProductIds.Get(product.Product.Value),
        ProductName = snapshot.ProductNames.Get(product.Product.Value),
        Probability = product.Probability,
        DueDate = Date(snapshot, product.DueIn),
        LastPurchaseDate = Date(snapshot, -product.Age),
        PurchaseDays = product.Times,
        IntervalDays = product.Interval,
    };
}
