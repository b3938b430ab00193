namespace Engine.Datasets.Behaviors;

/// <summary>A refund row, or a purchase row that a refund may cancel.</summary>
/// <param name="Index">Its place among the reader's rows; of no meaning for a refund.</param>
/// <param name="User">The user's number.</param>
/// <param name="Product">The product's number.</param>
/// <param name="Time">When, exactly.</param>
/// <param name="Count">How many.</param>
/// <param name="OrderId">The order, or null.</param>
/// <param name="AnyOrder">
/// A refund whose order id may be its own number: purchases of its order first, then those of others.
/// </param>
internal readonly record struct OrderLine(
    long Index, int User, int Product, DateTime Time, long Count, string? OrderId, bool AnyOrder = false);

/// <summary>
/// Takes refunds off the purchases they belong to (rule 9): the latest purchases of the same user and product that are
/// not later than the refund and, when the refund names an order, are of that order. A refund that is written as a
/// negative count names its own credit note: it takes from purchases of other orders too, after those of its own.
/// Refunds act in the order of time whatever the order of rows; rows of one time act by count, then order id.
/// </summary>
internal static class RefundMatcher
{
    /// <summary>Says the count that is left of each purchase which refunds reduce.</summary>
    /// <param name="refunds">The refunds.</param>
    /// <param name="purchases">All purchases of the users and products of the refunds.</param>
    /// <param name="setCount">Receives the index of a purchase and its count, 0 when it is cancelled.</param>
    public static RefundReport Apply(List<OrderLine> refunds, List<OrderLine> purchases, Action<long, long> setCount)
    {
        var lines = purchases
            .GroupBy(p => (p.User, p.Product))
            .ToDictionary(group => group.Key, group => group.Order(Chronological).ToArray());
        var left = lines.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, p => p.Count));
        long unmatched = 0;
        foreach (var refund in refunds.Order(Chronological))
        {
            var key = (refund.User, refund.Product);
            var missing = lines.TryGetValue(key, out var candidates)
                ? Cancel(refund, candidates, left[key])
                : refund.Count;
            unmatched += missing > 0 ? 1 : 0;
        }

        long cancelled = 0;
        long reduced = 0;
        foreach (var (key, candidates) in lines)
        {
            for (var i = 0; i < candidates.Length; i++)
            {
                var rest = left[key][i];
                if (rest < candidates[i].Count)
                {
                    setCount(candidates[i].Index, rest);
                    cancelled += rest == 0 ? 1 : 0;
                    reduced += rest > 0 ? 1 : 0;
                }
            }
        }

        return new RefundReport(refunds.Count, unmatched, cancelled, reduced);
    }

    /// <summary>Takes one refund off. Returns the count for which no purchase was found.</summary>
    private static long Cancel(OrderLine refund, OrderLine[] purchases, long[] left)
    {
        var missing =
            Take(refund, refund.Count, order => refund.OrderId is null || order == refund.OrderId, purchases, left);
        if (!refund.AnyOrder || missing == 0)
        {
            return missing;
        }

        // A credit note may carry the number of its invoice behind a letter: C5003 of 5003.
        missing =
            Take(
                refund,
                missing,
                order => order is { Length: > 0 } && refund.OrderId!.Length == order.Length + 1
                    && refund.OrderId.EndsWith(order, StringComparison.Ordinal),
                purchases,
                left);
        return Take(refund, missing, _ => true, purchases, left);
    }

    private static long Take(
        OrderLine refund, long missing, Func<string?, bool> matches, OrderLine[] purchases, long[] left)
    {
        for (var i = purchases.Length - 1; i >= 0 && missing > 0; i--)
        {
            if (purchases[i].Time <= refund.Time && matches(purchases[i].OrderId))
            {
                var taken = Math.Min(missing, left[i]);
                left[i] -= taken;
                missing -= taken;
            }
        }

        return missing;
    }

    private static readonly Comparer<OrderLine> Chronological = Comparer<OrderLine>.Create((a, b) =>
    {
        var order = a.Time.CompareTo(b.Time);
        order = order != 0 ? order : a.Count.CompareTo(b.Count);
        return order != 0 ? order : string.CompareOrdinal(a.OrderId, b.OrderId);
    });
}
