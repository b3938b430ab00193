namespace Engine.Campaigns.Allocation;

/// <summary>
/// Finds prices at which users want as much as there is: each price moves against its surplus with a step of its own,
/// which grows while the direction stays and halves when it turns (Riedmiller and Braun 1993). The least bound that was
/// seen is kept.
/// </summary>
internal static class PriceSearch
{
    private const double Grow = 1.3;
    private const double Shrink = 0.5;

    /// <summary>Searches from some prices.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="start">Where to begin; null for zero.</param>
    /// <param name="passes">Passes over all candidates.</param>
    /// <param name="firstStep">The first step, as a share of the largest value.</param>
    public static (AllocationPrices Prices, double Bound) Run(
        AllocationProblem problem, AllocationPrices? start, int passes, double firstStep)
    {
        var count = problem.Products;
        var (prices, steps, signs) = (new double[count + 1], new double[count + 1], new int[count + 1]);
        if (start is not null)
        {
            start.Product.CopyTo(prices, 0);
            prices[count] = start.Contact;
        }

        Array.Fill(steps, firstStep * problem.Scale);
        var (best, bound) = ((AllocationPrices?)null, double.PositiveInfinity);
        for (var pass = 0; pass < passes; pass++)
        {
            var now = new AllocationPrices(prices[..count], prices[count]);
            var value = DualValue.Of(problem, now);
            if (value.Bound < bound)
            {
                (best, bound) = (now, value.Bound);
            }

            for (var i = 0; i <= count; i++)
            {
                var (wanted, most, least) = i < count
                    ? (value.Demand[i], problem.Stock[i], problem.Minimum[i])
                    : (value.Total, problem.Contacts, 0L);
                var sign = wanted > most
                    ? 1
                    : wanted < least || (prices[i] > 0 && wanted < most) ? -1 : prices[i] < 0 && wanted > least ? 1 : 0;
                steps[i] *= sign == 0 ? 1 : sign == signs[i] ? Grow : signs[i] == 0 ? 1 : Shrink;
                var next = prices[i] + (sign * steps[i]);
                // At zero the rule changes: a price stops there first.
                prices[i] = Math.Sign(prices[i]) * Math.Sign(next) < 0 || (i == count && next < 0) ? 0 : next;
                signs[i] = sign == 0 ? signs[i] : sign;
            }
        }

        return (best!, bound);
    }
}
