using Engine.Campaigns.Allocation;
using Engine.Scoring.Batch;
using Engine.Snapshots.Ids;

namespace Engine.Server.Tasks;

/// <summary>What is scarce in a task, as stored.</summary>
/// <param name="Products">The offered products, each once.</param>
/// <param name="ContactsPerUser">Contacts of one user at most.</param>
/// <param name="Contacts">Contacts in all at most; null for no limit.</param>
/// <param name="Candidates">Candidates that are kept of each user.</param>
internal sealed record TaskAllocation(
    IReadOnlyList<TaskOffer> Products, int ContactsPerUser, long? Contacts, int Candidates)
{
    /// <summary>Allocates among the users of a plan; the same each time, at any number of threads.</summary>
    /// <returns>The selected pairs, and what is said of them.</returns>
    /// <exception cref="InputException">
    /// The snapshot is not calibrated, or the limits contradict each other.
    /// </exception>
    public (PairSelection Pairs, TaskAllocationResult Result) Run(
        BatchPlan plan, int threads, CancellationToken cancel)
    {
        var ids = plan.Model.Snapshot.ProductIds;
        var offers = Products
            .Select(offer => new OfferedProduct(
                new ProductOrdinal(ids.Find(offer.ProductId)), offer.Value, offer.Cost, offer.Stock, offer.Minimum))
            .ToArray();
        var (problem, found) = new CandidatePass(plan, offers).Run(
            Candidates,
            ContactsPerUser,
            Contacts ?? (long)plan.UserCount * ContactsPerUser,
            threads,
            cancel);
        var pairs = new PairSelection($"allocation of {ContactsPerUser}, {Contacts} contacts, {Candidates} candidates: "
            + string.Join(' ', Products));
        for (var user = 0; user < problem.Users; user++)
        {
            var taken = Enumerable.Range(user * problem.Width, problem.Width)
                .Where(candidate => found.Taken[candidate])
                .Select(candidate => offers[problem.Items[candidate]].Product);
            pairs.Add(plan.Users[user], taken);
        }

        return (pairs, TaskAllocationResult.Of(found));
    }
}

/// <summary>One offered product.</summary>
/// <param name="ProductId">Of the snapshot.</param>
/// <param name="Stock">Contacts at most.</param>
/// <param name="Minimum">Contacts at least.</param>
/// <param name="Value">Of one buyer.</param>
/// <param name="Cost">Of one contact.</param>
internal sealed record TaskOffer(string ProductId, long Stock, long Minimum, double Value, double Cost);

/// <summary>What is said of an allocation, beside its rows.</summary>
/// <param name="Value">What it is worth.</param>
/// <param name="Bound">No allocation of the candidates is worth more.</param>
/// <param name="BoundOfAllPairs">No allocation of all pairs is worth more.</param>
/// <param name="GreedyValue">What greedy is worth.</param>
/// <param name="GreedyMeetsMinimums">Whether greedy meets all minimums.</param>
/// <param name="Contacts">Contacts in all.</param>
/// <param name="ContactPrice">What one more contact in all is worth.</param>
/// <param name="NextContacts">What one more contact for every user is worth.</param>
/// <param name="Load">Contacts of each product, in the order of the question.</param>
/// <param name="Prices">Shadow price of each product.</param>
internal sealed record TaskAllocationResult(
    double Value,
    double Bound,
    double BoundOfAllPairs,
    double GreedyValue,
    bool GreedyMeetsMinimums,
    long Contacts,
    double ContactPrice,
    double NextContacts,
    IReadOnlyList<long> Load,
    IReadOnlyList<double> Prices)
{
    /// <summary>Of a result.</summary>
    public static TaskAllocationResult Of(AllocationResult found) => new(
        found.Value,
        found.Bound,
        found.BoundOfAllPairs,
        found.GreedyValue,
        found.GreedyMeetsMinimums,
        found.Contacts,
        found.Prices.Contact,
        found.NextContacts,
        found.Load,
        found.Prices.Product);
}
