using Engine.Scoring.Ids;
using Engine.Scoring.Pools;
using Engine.Snapshots;
using Engine.Snapshots.Ids;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Orders;

/// <summary>The next orders of the users of one snapshot. For one thread; valid while the snapshot is leased.</summary>
public sealed class NextOrders
{
    private readonly Snapshot _snapshot;
    private readonly OrderModel _model;
    private readonly PurchaseDays _days = new();

    /// <param name="snapshot">Verified.</param>
    /// <exception cref="InputException">It has no terms of the next order.</exception>
    public NextOrders(Snapshot snapshot)
    {
        _snapshot = snapshot;
        _model = new OrderModel(snapshot.NextOrder ?? throw new InputException(Missing(snapshot)));
    }

    /// <summary>What to say of a snapshot without <see cref="Snapshot.NextOrder"/>.</summary>
    public static string Missing(Snapshot snapshot) =>
        $"snapshot {snapshot.Id} does not predict next orders: it is of an earlier version, or the data held too few "
        + "orders. Train again, on two months of orders or more";

    /// <summary>Checks days ahead.</summary>
    /// <exception cref="InputException">Not 1..90.</exception>
    public static void CheckDays(string field, int days) =>
        Require.Between(field, days, 1, NextOrderTerms.MostDays);

    /// <summary>What is ahead of a user.</summary>
    /// <param name="user">Of the snapshot.</param>
    /// <param name="days">Days ahead, 1..90.</param>
    public OrderForecast Forecast(UserOrdinal user, int days)
    {
        Read(user);
        if (_days.Count == 0)
        {
            // Trained snapshots have no such user.
            return new OrderForecast(0, 0, NextOrderTerms.MostDays, 0, _snapshot.ScopeDays, NextOrderTerms.MostDays);
        }

        var (score, growth) = (_model.Score(_days), _model.Growth(_days, days));
        return new OrderForecast(
            _model.OrderProbability(score, growth),
            _model.ExpectedOrders(_days, score, days),
            _model.LikelyDay(_days, NextOrderTerms.MostDays),
            _days.Count,
            _days.Age,
            _model.Interval(_days));
    }

    /// <summary>
    /// The products that a user purchased and may buy again, the most probable first; ties by ordinal.
    /// </summary>
    /// <param name="user">Of the snapshot.</param>
    /// <param name="days">Days ahead, 1..90.</param>
    /// <param name="pool">Only these; null for all.</param>
    /// <param name="blocked">None of these; null for none.</param>
    public List<DueProduct> Products(UserOrdinal user, int days, ResolvedPool? pool, ResolvedPool? blocked)
    {
        Read(user);
        var due = new List<DueProduct>();
        var score = _days.Count == 0 ? 0 : _model.Score(_days);
        for (var i = 0; i < _days.Products.Count; i++)
        {
            var purchases = _days.Products[i];
            if (pool?.Products[purchases.Product] == false || blocked?.Products[purchases.Product] == true)
            {
                continue;
            }

            var (interval, factor) =
                (
                    _snapshot.ProductTiming[2L * purchases.Product],
                    _snapshot.ProductTiming[(2L * purchases.Product) + 1]);
            var window = _model.Hazard(purchases, interval, factor, NextOrderTerms.WindowDays);
            var growth = _model.Growth(purchases, interval, factor, days);
            due.Add(new DueProduct(
                new ProductOrdinal(purchases.Product),
                purchases.Days,
                purchases.Age,
                OrderModel.Interval(purchases, interval),
                _model.ProductProbability(_model.Score(window, score), growth)));
        }

        due.Sort((a, b) => a.Probability != b.Probability
            ? b.Probability.CompareTo(a.Probability)
            : a.Product.Value.CompareTo(b.Product.Value));
        return due;
    }

    /// <summary>The users for whom a condition holds, in the order of the snapshot; nobody who was forgotten.</summary>
    public IEnumerable<UserOrdinal> Where(Func<UserOrdinal, bool> condition, CancellationToken cancellation)
    {
        for (var user = 0; user < _snapshot.Manifest.UserCount; user++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_snapshot.HiddenUsers.Contains(user) && condition(new UserOrdinal(user)))
            {
                yield return new UserOrdinal(user);
            }
        }
    }

    private void Read(UserOrdinal user) => _days.Read(_snapshot.History.Row(user.Value), _snapshot.ScopeDays);
}

/// <summary>What is ahead of a user.</summary>
/// <param name="Probability">That the user orders anything within the days.</param>
/// <param name="ExpectedOrders">Days with an order.</param>
/// <param name="LikelyDay">
/// 1 for the day after date(L): of such users who order within 90 days, half have done so by then.
/// </param>
/// <param name="OrderDays">Distinct days with an order in the scope year.</param>
/// <param name="Age">Days since the last one.</param>
/// <param name="Interval">Usual days between two orders, the user's own shrunk to the mean of all.</param>
public readonly record struct OrderForecast(
    double Probability, double ExpectedOrders, int LikelyDay, int OrderDays, int Age, double Interval);

/// <summary>A product that a user may buy again.</summary>
/// <param name="Product">Of the snapshot.</param>
/// <param name="Times">Distinct days with a purchase of it in the scope year.</param>
/// <param name="Age">Days since the last one.</param>
/// <param name="Interval">Usual days between two purchases, the user's own shrunk to the product's.</param>
/// <param name="Probability">That the user buys it within the days.</param>
public readonly record struct DueProduct(
    ProductOrdinal Product, int Times, int Age, double Interval, double Probability)
{
    /// <summary>Days from date(L) to the day on which the usual interval has passed; below zero when overdue.</summary>
    public int DueIn => (int)Math.Round(Interval) - Age;

    /// <summary>
    /// Whether the interval has passed within so many days and not more than once again: who has stayed away for longer
    /// has left it.
    /// </summary>
    public bool IsDue(int days) => DueIn <= days && DueIn > -Interval;
}
