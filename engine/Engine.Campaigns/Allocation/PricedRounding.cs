namespace Engine.Campaigns.Allocation;

/// <summary>
/// From prices to an allocation that keeps all limits: users take what is best at these prices, then what is too much
/// is moved where the loss is least, and what is left over is given where the gain is most.
/// </summary>
internal static class PricedRounding
{
    private const int FillRounds = 20;

    /// <summary>Allocates; a minimum may stay unmet where it takes more than one exchange.</summary>
    public static Assignment Run(AllocationProblem problem, AllocationPrices prices)
    {
        var charged = prices.Product.Select(price => price + prices.Contact).ToArray();
        var assignment = new Assignment(problem);
        TakeBest(assignment, charged);
        Relieve(assignment, charged);
        Meet(assignment, charged);
        Limit(assignment, charged);
        for (var round = 0; round < FillRounds && Fill(assignment) > 0; round++)
        {
            // Each round gains; it ends when nothing is left to gain.
        }

        return assignment;
    }

    private static double Gain(AllocationProblem problem, double[] charged, int candidate) =>
        problem.Values[candidate] - charged[problem.Items[candidate]];

    private static void TakeBest(Assignment assignment, double[] charged)
    {
        var problem = assignment.Problem;
        var best = new (double Gain, int Item)[problem.ContactsPerUser];
        for (var user = 0; user < problem.Users; user++)
        {
            var count = BestCandidates.Of(problem, charged, user, best);
            for (var i = 0; i < count; i++)
            {
                assignment.Take(Array.IndexOf(problem.Items, best[i].Item, user * problem.Width, problem.Width));
            }
        }
    }

    // Products that more users want than there is: those who lose least by another one go first.
    private static void Relieve(Assignment assignment, double[] charged)
    {
        var problem = assignment.Problem;
        var waiting = new List<(double Loss, int Candidate)>();
        for (var candidate = 0; candidate < assignment.Taken.Length; candidate++)
        {
            if (assignment.Taken[candidate]
                && assignment.Load[problem.Items[candidate]] > problem.Stock[problem.Items[candidate]])
            {
                waiting.Add(
                    (
                        Gain(problem, charged, candidate) - Math.Max(0, Other(assignment, charged, candidate).Gain),
                        candidate));
            }
        }

        foreach (var (_, candidate) in waiting.Order())
        {
            var product = problem.Items[candidate];
            if (assignment.Load[product] > problem.Stock[product])
            {
                var (gain, other) = Other(assignment, charged, candidate);
                assignment.Drop(candidate);
                if (gain > 0)
                {
                    assignment.Take(other);
                }
            }
        }
    }

    private static (double Gain, int Candidate) Other(Assignment assignment, double[] charged, int candidate)
    {
        var problem = assignment.Problem;
        var first = candidate / problem.Width * problem.Width;
        var (gain, best) = (double.NegativeInfinity, -1);
        for (var i = first; i < first + problem.Width && problem.Items[i] >= 0; i++)
        {
            if (!assignment.Taken[i] && assignment.HasStock(problem.Items[i]) && Gain(problem, charged, i) > gain)
            {
                (gain, best) = (Gain(problem, charged, i), i);
            }
        }

        return (gain, best);
    }

    // Products below their minimum: users who lose least get them, whatever the contacts in all.
    private static void Meet(Assignment assignment, double[] charged)
    {
        var problem = assignment.Problem;
        var waiting = new List<(double Loss, int Candidate)>();
        for (var candidate = 0; candidate < assignment.Taken.Length; candidate++)
        {
            var product = problem.Items[candidate];
            if (product >= 0 && !assignment.Taken[candidate] && assignment.Load[product] < problem.Minimum[product])
            {
                waiting.Add(
                    (Math.Max(0, Weakest(assignment, charged, candidate / problem.Width).Gain)
                        - Gain(problem, charged, candidate), candidate));
            }
        }

        foreach (var (_, candidate) in waiting.Order())
        {
            var (product, user) = (problem.Items[candidate], candidate / problem.Width);
            if (assignment.Load[product] >= problem.Minimum[product])
            {
                continue;
            }

            if (assignment.Used[user] == problem.ContactsPerUser)
            {
                if (Weakest(assignment, charged, user) is not (_, >= 0 and var weakest))
                {
                    continue;
                }

                assignment.Drop(weakest);
            }

            assignment.Take(candidate);
        }
    }

    // The taken candidate of a user that may be given back most cheaply; -1 for none.
    private static (double Gain, int Candidate) Weakest(Assignment assignment, double[] charged, int user)
    {
        var problem = assignment.Problem;
        var (gain, weakest) = (double.PositiveInfinity, -1);
        if (assignment.Used[user] < problem.ContactsPerUser)
        {
            return (0, -1);
        }

        for (var i = user * problem.Width; i < (user + 1) * problem.Width && problem.Items[i] >= 0; i++)
        {
            if (assignment.Taken[i] && assignment.MayDrop(problem.Items[i]) && Gain(problem, charged, i) < gain)
            {
                (gain, weakest) = (Gain(problem, charged, i), i);
            }
        }

        return (gain, weakest);
    }

    private static void Limit(Assignment assignment, double[] charged)
    {
        var problem = assignment.Problem;
        if (assignment.Total <= problem.Contacts)
        {
            return;
        }

        var taken = Enumerable.Range(0, assignment.Taken.Length).Where(candidate => assignment.Taken[candidate])
            .Select(candidate => (Gain: Gain(problem, charged, candidate), Candidate: candidate)).ToArray();
        Array.Sort(taken);
        foreach (var (_, candidate) in taken)
        {
            if (assignment.Total > problem.Contacts && assignment.MayDrop(problem.Items[candidate]))
            {
                assignment.Drop(candidate);
            }
        }
    }

    // Units that are left over go where they gain most: to a user with room, or in place of a contact that is worth
    // less.
    private static int Fill(Assignment assignment)
    {
        var problem = assignment.Problem;
        var waiting = new List<(double Gain, int Candidate)>();
        for (var candidate = 0; candidate < assignment.Taken.Length; candidate++)
        {
            if (Better(assignment, candidate) is { Gain: > 0 } better)
            {
                waiting.Add((better.Gain, candidate));
            }
        }

        var filled = 0;
        foreach (var (_, candidate) in waiting.OrderByDescending(entry => entry))
        {
            if (Better(assignment, candidate) is not { Gain: > 0 } better)
            {
                continue;
            }

            if (better.Replaced >= 0)
            {
                assignment.Drop(better.Replaced);
            }

            assignment.Take(candidate);
            filled++;
        }

        return filled;
    }

    private static (double Gain, int Replaced) Better(Assignment assignment, int candidate)
    {
        var problem = assignment.Problem;
        var (product, user) = (problem.Items[candidate], candidate / problem.Width);
        if (product < 0 || assignment.Taken[candidate] || !assignment.HasStock(product))
        {
            return (0, -1);
        }

        if (assignment.HasRoom(user))
        {
            return (problem.Values[candidate], -1);
        }

        var (value, replaced) = (float.PositiveInfinity, -1);
        for (var i = user * problem.Width; i < (user + 1) * problem.Width && problem.Items[i] >= 0; i++)
        {
            if (assignment.Taken[i] && problem.Values[i] < value && assignment.MayDrop(problem.Items[i]))
            {
                (value, replaced) = (problem.Values[i], i);
            }
        }

        return replaced < 0 ? (0, -1) : ((double)problem.Values[candidate] - value, replaced);
    }
}
