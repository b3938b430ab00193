using System.Globalization;
using Engine.Scoring.Batch;
using Engine.Scoring.Queries;
using Engine.Snapshots.Ids;

namespace Engine.Campaigns.Allocation;

/// <summary>What a contact for a product is worth: probability x value - cost.</summary>
/// <param name="Product">The product.</param>
/// <param name="Value">Of one buyer.</param>
/// <param name="Cost">Of one contact.</param>
/// <param name="Stock">Contacts at most.</param>
/// <param name="Minimum">Contacts at least.</param>
public sealed record OfferedProduct(ProductOrdinal Product, double Value, double Cost, long Stock, long Minimum);

/// <summary>
/// One pass over all users of a plan: every product is scored for every user, and each user's best candidates are kept,
/// prices taken off. The prices come from a sample of the users, so that what is sold out does not fill the candidates.
/// </summary>
public sealed class CandidatePass
{
    private const int SampleUsers = 8_192;

    private readonly BatchPlan _plan;
    private readonly OfferedProduct[] _offers;
    private readonly int[] _offerOf;
    private readonly float[] _knots;
    private readonly double[] _probabilities;

    /// <summary>A pass.</summary>
    /// <param name="plan">The users; its pool holds the offered products, and its top N is their number.</param>
    /// <param name="offers">The products.</param>
    /// <exception cref="InputException">The snapshot has no calibrated probabilities.</exception>
    public CandidatePass(BatchPlan plan, IReadOnlyList<OfferedProduct> offers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(offers);
        (_plan, _offers) = (plan, [.. offers]);
        var calibration = plan.Model.Snapshot.Manifest.Calibration;
        (_knots, _probabilities) = (calibration.Scores, calibration.Probabilities);
        if (_knots.Length == 0)
        {
            throw new InputException(
                $"snapshot {plan.Model.Snapshot.Id} has no calibrated probabilities, which an allocation needs. "
                + "Train on more purchases");
        }

        _offerOf = new int[plan.Model.Snapshot.Manifest.ProductCount];
        Array.Fill(_offerOf, AllocationProblem.None);
        foreach (var (index, offer) in _offers.Index())
        {
            _offerOf[offer.Product.Value] = index;
        }
    }

    /// <summary>Allocates among the users of the plan, on the threads of the caller's scheduler.</summary>
    /// <param name="width">Candidates of each user, more than <paramref name="contactsPerUser"/>.</param>
    /// <param name="contactsPerUser">Contacts of one user at most.</param>
    /// <param name="contacts">Contacts in all at most.</param>
    /// <param name="threads">Threads of the pass.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="InputException">
    /// The candidates are more than an array may hold, or the limits contradict each other.
    /// </exception>
    public (AllocationProblem Problem, AllocationResult Result) Run(
        int width, int contactsPerUser, long contacts, int threads, CancellationToken cancel)
    {
        width = Math.Min(width, _offers.Length);
        if ((long)_plan.Users.Length * width > Array.MaxLength)
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"found {_plan.Users.Length:N0} users x {width:N0} candidates of each; expected at most "
                + $"{Array.MaxLength:N0} candidates. Keep {Array.MaxLength / _plan.Users.Length:N0} of each user"));
        }

        var prices = width == _offers.Length ? null : SamplePrices(contactsPerUser, contacts, threads, cancel);
        var problem = Problem(_plan.Users.Length, width, contactsPerUser, contacts, 1);
        var worst = prices is null ? null : new float[_plan.Users.Length];
        Fill(_plan, problem, prices, worst, threads, cancel);
        return (problem, Allocator.Run(problem, prices, worst));
    }

    private AllocationPrices SamplePrices(int contactsPerUser, long contacts, int threads, CancellationToken cancel)
    {
        var step = Math.Max(1, _plan.Users.Length / SampleUsers);
        var users = _plan.Users.Where((_, place) => place % step == 0).ToArray();
        var problem =
            Problem(users.Length, _offers.Length, contactsPerUser, contacts, (double)users.Length / _plan.Users.Length);
        Fill(_plan.For(users), problem, null, null, threads, cancel);
        return Allocator.PricesOf(problem);
    }

    private AllocationProblem Problem(int users, int width, int contactsPerUser, long contacts, double share)
    {
        var problem = new AllocationProblem
        {
            Users = users,
            Width = width,
            Items = new int[(long)users * width],
            Values = new float[(long)users * width],
            Stock = [.. _offers.Select(offer => (long)Math.Round(offer.Stock * share))],
            Minimum = [.. _offers.Select(offer => (long)Math.Floor(offer.Minimum * share))],
            ContactsPerUser = contactsPerUser,
            Contacts = (long)Math.Round(contacts * share),
        };
        Array.Fill(problem.Items, AllocationProblem.None);
        return problem;
    }

    private void Fill(
        BatchPlan plan,
        AllocationProblem problem,
        AllocationPrices? prices,
        float[]? worst,
        int threads,
        CancellationToken cancel)
    {
        var batch = new BatchRecommender(plan);
        var charged = _offers
            .Select((_, offer) => prices is null ? 0 : prices.Product[offer] + prices.Contact)
            .ToArray();
        Parallel.For(
            0,
            batch.Parts,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = threads,
                TaskScheduler = TaskScheduler.Current,
                CancellationToken = cancel,
            },
            () => (Worker: batch.NewWorker(), Best: new BestOffers(problem.Width)),
            (part, _, state) =>
            {
                var user = part * batch.PartUsers;
                state.Worker.Run(
                    part,
                    rows =>
                    {
                        for (var i = 0; i < rows.Users.Length; i++, user++)
                        {
                            Keep(state.Best, rows.Of(i), charged);
                            state.Best.Write(problem, user, worst);
                        }
                    },
                    cancel);
                return state;
            },
            _ => { });
    }

    // The rows are best first, so that the walk over the knots of the calibration goes one way.
    private void Keep(BestOffers best, ReadOnlySpan<ScoredProduct> rows, double[] charged)
    {
        best.Clear();
        var knot = _knots.Length - 1;
        foreach (var row in rows)
        {
            while (knot > 0 && _knots[knot] > row.Score)
            {
                knot--;
            }

            var offer = _offerOf[row.Product.Value];
            var value = (float)((Probability(knot, row.Score) * _offers[offer].Value) - _offers[offer].Cost);
            best.Add(value - charged[offer], value, offer);
        }
    }

    private double Probability(int knot, float score)
    {
        if (knot == _knots.Length - 1 || score <= _knots[knot])
        {
            return _probabilities[knot];
        }

        var part = ((double)score - _knots[knot]) / ((double)_knots[knot + 1] - _knots[knot]);
        return _probabilities[knot] + (part * (_probabilities[knot + 1] - _probabilities[knot]));
    }

    /// <summary>The best offers of one user, in a heap whose root is the worst of them.</summary>
    private sealed class BestOffers(int width)
    {
        private readonly PriorityQueue<(float Value, int Offer), double> _heap = new(width + 1);

        public void Clear() => _heap.Clear();

        public void Add(double gain, float value, int offer)
        {
            if (_heap.Count < width)
            {
                _heap.Enqueue((value, offer), gain);
            }
            else
            {
                _heap.EnqueueDequeue((value, offer), gain);
            }
        }

        public void Write(AllocationProblem problem, int user, float[]? worst)
        {
            if (worst is not null)
            {
                worst[user] = _heap.Count < width || !_heap.TryPeek(out _, out var gain)
                    ? float.NegativeInfinity
                    : (float)gain;
            }

            var at = user * problem.Width;
            foreach (var ((value, offer), _) in _heap.UnorderedItems)
            {
                (problem.Items[at], problem.Values[at++]) = (offer, value);
            }
        }
    }
}
