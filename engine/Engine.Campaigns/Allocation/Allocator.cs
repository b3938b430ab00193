using Engine.Kernels;

namespace Engine.Campaigns.Allocation;

/// <summary>An allocation, the proof of how good it is, and what is scarce.</summary>
public sealed record AllocationResult
{
    /// <summary>For each candidate, whether it is taken.</summary>
    public required bool[] Taken { get; init; }

    /// <summary>What it is worth.</summary>
    public required double Value { get; init; }

    /// <summary>
    /// No allocation of these candidates is worth more: the value of the dual linear program at <see cref="Prices"/>.
    /// </summary>
    public required double Bound { get; init; }

    /// <summary>The same over all pairs of users and products, those that are no candidates included.</summary>
    public required double BoundOfAllPairs { get; init; }

    /// <summary>The share of the bound that is missed at most.</summary>
    public double Gap => Bound <= 0 ? 0 : Math.Max(0, (Bound - Value) / Bound);

    /// <summary>The shadow prices.</summary>
    public required AllocationPrices Prices { get; init; }

    /// <summary>What one more contact for every user would be worth at these prices.</summary>
    public required double NextContacts { get; init; }

    /// <summary>For each product, contacts.</summary>
    public required long[] Load { get; init; }

    /// <summary>Contacts in all.</summary>
    public required long Contacts { get; init; }

    /// <summary>What greedy is worth on the same candidates.</summary>
    public required double GreedyValue { get; init; }

    /// <summary>Whether greedy meets all minimums.</summary>
    public required bool GreedyMeetsMinimums { get; init; }
}

/// <summary>
/// Allocates contacts: the best prices of the dual, an allocation from them, and exchanges until nothing is better or
/// the allocation is close enough to the bound. The linear program has whole solutions, so on small problems both are
/// equal.
/// </summary>
public static class Allocator
{
    private const int Passes = 150;
    private const double FirstStep = 0.02;
    private const double CloseEnough = 0.0003;
    private const long Small = 400_000_000;
    private const long Large = 1_500_000_000;

    /// <summary>Allocates.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="start">Prices to begin with, for example those of a sample of the users; null for none.</param>
    /// <param name="worst">
    /// For each user, what a pair that is no candidate is worth at most at these prices; null when every pair is a
    /// candidate.
    /// </param>
    /// <exception cref="InputException">The limits contradict each other, or a minimum cannot be met.</exception>
    public static AllocationResult Run(AllocationProblem problem, AllocationPrices? start = null, float[]? worst = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        problem.Check();
        var (prices, bound) = PriceSearch.Run(problem, start, Passes, start is null ? FirstStep : FirstStep / 4);
        var assignment = PricedRounding.Run(problem, prices);
        var isClose = bound - assignment.Value <= CloseEnough * Math.Abs(bound);
        if (ExchangeCycles.Run(assignment, isClose ? Small : Large) is { } proven
            && DualValue.Of(problem, proven).Bound <= bound)
        {
            prices = proven;
        }

        CheckMinimums(assignment);

        var dual = DualValue.Of(problem, prices);
        var greedy = GreedyAllocation.Run(problem);
        return new AllocationResult
        {
            Taken = assignment.Taken,
            Value = assignment.Value,
            Bound = dual.Bound,
            BoundOfAllPairs = worst is null
                ? dual.Bound
                : DualValue.Of(problem, prices, Outside(worst, start!, prices)).Bound,
            Prices = prices,
            NextContacts = dual.NextContacts,
            Load = assignment.Load,
            Contacts = assignment.Total,
            GreedyValue = greedy.Value,
            GreedyMeetsMinimums =
                !Enumerable.Range(0, problem.Products).Any(product => greedy.Load[product] < problem.Minimum[product]),
        };
    }

    /// <summary>Prices of a sample of the users, with limits in the same proportion.</summary>
    /// <param name="sample">The candidates of the sample.</param>
    public static AllocationPrices PricesOf(
        AllocationProblem sample) => PriceSearch.Run(sample, null, 3 * Passes, FirstStep).Prices;

    private static void CheckMinimums(Assignment assignment)
    {
        for (var product = 0; product < assignment.Load.Length; product++)
        {
            if (assignment.Load[product] < assignment.Problem.Minimum[product])
            {
                throw new InputException(
                    InvariantText.Of(
                        $"product number {product + 1} reaches {assignment.Load[product]:N0} of its minimum of "
                        + $"{assignment.Problem.Minimum[product]:N0} contacts: not enough users have it among their "
                        + $"candidates. Lower the minimum, or take more candidates"));
            }
        }
    }

    // At other prices a pair gains at most what its product and its contact have become cheaper.
    private static float[] Outside(float[] worst, AllocationPrices start, AllocationPrices prices)
    {
        var cheaper =
            start.Product.Zip(prices.Product, (before, after) => before - after).Max() + start.Contact - prices.Contact;
        return Array.ConvertAll(worst, value => (float)(value + cheaper));
    }
}
