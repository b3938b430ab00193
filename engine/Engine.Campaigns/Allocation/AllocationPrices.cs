namespace Engine.Campaigns.Allocation;

/// <summary>A price for everything that is scarce.</summary>
/// <param name="Product">
/// For each product, what one more unit of stock is worth; below 0 it is what one unit of a minimum costs.
/// </param>
/// <param name="Contact">What one more contact in all is worth, 0 or more.</param>
public sealed record AllocationPrices(double[] Product, double Contact);

/// <summary>
/// The prices as the dual of the linear program: each user takes the best candidates at these prices.
/// </summary>
internal sealed class DualValue
{
    private readonly long[] _demand;

    private DualValue(int products) => _demand = new long[products];

    /// <summary>No allocation is worth more.</summary>
    public double Bound { get; private set; }

    /// <summary>Contacts that users want of each product.</summary>
    public long[] Demand => _demand;

    /// <summary>Contacts that users want.</summary>
    public long Total { get; private set; }

    /// <summary>What one more contact for every user would be worth.</summary>
    public double NextContacts { get; private set; }

    /// <summary>One pass over all candidates.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="prices">The prices.</param>
    /// <param name="outside">
    /// For each user, what a pair that is no candidate is worth at most, prices taken off; null for nothing.
    /// </param>
    public static DualValue Of(AllocationProblem problem, AllocationPrices prices, float[]? outside = null)
    {
        var value = new DualValue(problem.Products);
        var charged = prices.Product.Select(price => price + prices.Contact).ToArray();
        // Sums of fractions depend on their order: that of the parts, whatever thread was done first.
        var ranges = Parts(problem.Users).ToArray();
        var sums = new (double Bound, double Next)[ranges.Length];
        Parallel.For(
            0,
            ranges.Length,
            new ParallelOptions { TaskScheduler = TaskScheduler.Current },
            () => new Part(problem),
            (place, _, part) =>
            {
                sums[place] = part.Add(charged, ranges[place], outside);
                return part;
            },
            part =>
            {
                lock (value._demand)
                {
                    value.Merge(part);
                }
            });
        value.Bound = sums.Sum(sum => sum.Bound);
        value.NextContacts = sums.Sum(sum => sum.Next);
        for (var product = 0; product < problem.Products; product++)
        {
            var price = prices.Product[product];
            value.Bound += price * (price >= 0 ? problem.Stock[product] : problem.Minimum[product]);
        }

        value.Bound += prices.Contact * problem.Contacts;
        return value;
    }

    /// <summary>The users in parts of equal size, independent of the threads.</summary>
    internal static IEnumerable<(int From, int To)> Parts(int users)
    {
        const int Size = 1 << 14;
        for (var from = 0; from < users; from += Size)
        {
            yield return (from, Math.Min(users, from + Size));
        }
    }

    private void Merge(Part part)
    {
        for (var product = 0; product < _demand.Length; product++)
        {
            _demand[product] += part.Demand[product];
            Total += part.Demand[product];
        }
    }

    private sealed class Part(AllocationProblem problem)
    {
        private readonly (double Gain, int Item)[] _best = new (double, int)[problem.ContactsPerUser + 1];

        public long[] Demand { get; } = new long[problem.Products];

        public (double Bound, double Next) Add(double[] charged, (int From, int To) users, float[]? outside)
        {
            var (bound, next) = (0.0, 0.0);
            for (var user = users.From; user < users.To; user++)
            {
                var count = BestCandidates.Of(problem, charged, user, _best);
                var floor = outside is null ? 0 : Math.Max(0, outside[user]);
                for (var i = 0; i < problem.ContactsPerUser; i++)
                {
                    bound += Math.Max(floor, i < count ? _best[i].Gain : 0);
                    if (i < count)
                    {
                        Demand[_best[i].Item]++;
                    }
                }

                next += count > problem.ContactsPerUser ? _best[problem.ContactsPerUser].Gain : 0;
            }

            return (bound, next);
        }
    }
}

/// <summary>The candidates of a user that are worth most at given prices.</summary>
internal static class BestCandidates
{
    /// <summary>Fills the best ones that are worth more than nothing, best first.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="charged">For each product, its price and that of a contact.</param>
    /// <param name="user">The user.</param>
    /// <param name="best">Receives gain and product.</param>
    /// <returns>How many there are, at most the length of <paramref name="best"/>.</returns>
    public static int Of(AllocationProblem problem, double[] charged, int user, (double Gain, int Item)[] best)
    {
        var items = problem.Items.AsSpan(user * problem.Width, problem.Width);
        var values = problem.Values.AsSpan(user * problem.Width, problem.Width);
        var count = 0;
        for (var i = 0; i < items.Length && items[i] >= 0; i++)
        {
            var gain = values[i] - charged[items[i]];
            if (gain <= 0 || (count == best.Length && gain <= best[^1].Gain))
            {
                continue;
            }

            var at = count < best.Length ? count++ : best.Length - 1;
            for (; at > 0 && best[at - 1].Gain < gain; at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = (gain, items[i]);
        }

        return count;
    }
}
