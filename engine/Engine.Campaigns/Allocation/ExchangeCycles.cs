namespace Engine.Campaigns.Allocation;

/// <summary>
/// Improves an allocation until it is the best: as long as units can be exchanged in a circle for a gain, they are. The
/// nodes of the circle are the products, the users' free places and the contacts in all; the way from one product to
/// another is the user who gains most by the exchange. Without a circle the distances are prices that prove that
/// nothing is better (Klein 1967).
/// </summary>
internal sealed class ExchangeCycles
{
    private const double Tolerance = 1e-9;

    private readonly Assignment _assignment;
    private readonly AllocationProblem _problem;
    private readonly int _free;
    private readonly int _all;
    private readonly int _nodes;
    private readonly double _threshold;
    private readonly double _minimum;
    private readonly double[] _gain;
    private readonly int[] _given;
    private readonly int[] _taken;
    private readonly double[] _distance;
    private readonly int[] _before;

    private ExchangeCycles(Assignment assignment)
    {
        (_assignment, _problem) = (assignment, assignment.Problem);
        (_free, _all, _nodes) = (_problem.Products, _problem.Products + 1, _problem.Products + 2);
        _threshold = Tolerance * _problem.Scale;
        _minimum = 4 * _nodes * _problem.Scale;
        _gain = new double[_nodes * _nodes];
        (_given, _taken) = (new int[_nodes * _nodes], new int[_nodes * _nodes]);
        (_distance, _before) = (new double[_nodes], new int[_nodes]);
    }

    /// <summary>Exchanges until there is no gain, or the work is used up.</summary>
    /// <param name="assignment">Keeps all limits; it is changed.</param>
    /// <param name="work">
    /// Steps that may be taken: each round costs the candidates and the square of the products.
    /// </param>
    /// <returns>The prices that prove it best; null when the work was used up first.</returns>
    public static AllocationPrices? Run(Assignment assignment, long work)
    {
        var cycles = new ExchangeCycles(assignment);
        var round = ((long)cycles._problem.Items.Length * cycles._problem.ContactsPerUser)
            + ((long)cycles._nodes * cycles._nodes * 4);
        for (var left = work; left >= round; left -= round)
        {
            cycles.Prepare();
            if (cycles.FindCycle() is not { } node)
            {
                return cycles.Prices();
            }

            cycles.Exchange(node);
        }

        return null;
    }

    private void Prepare()
    {
        Array.Fill(_gain, double.NegativeInfinity);
        for (var user = 0; user < _problem.Users; user++)
        {
            var (from, to) = (user * _problem.Width, (user + 1) * _problem.Width);
            for (var given = from - 1; given < to && (given < from || _problem.Items[given] >= 0); given++)
            {
                // The place before the first candidate stands for a free place of the user.
                var isFree = given < from;
                if (isFree ? _assignment.Used[user] == _problem.ContactsPerUser : !_assignment.Taken[given])
                {
                    continue;
                }

                var (node, lost) = isFree ? (_free, 0f) : (_problem.Items[given], _problem.Values[given]);
                for (var taken = from; taken < to && _problem.Items[taken] >= 0; taken++)
                {
                    if (!_assignment.Taken[taken])
                    {
                        Offer(
                            node,
                            _problem.Items[taken],
                            (double)_problem.Values[taken] - lost,
                            isFree ? -1 : given,
                            taken);
                    }
                }

                if (!isFree)
                {
                    Offer(node, _free, -(double)lost, given, -1);
                }
            }
        }

        for (var product = 0; product < _problem.Products; product++)
        {
            // A unit of a minimum is worth more than any exchange of values.
            if (_assignment.Load[product] > 0)
            {
                Offer(_all, product, _assignment.MayDrop(product) ? 0 : -_minimum, -1, -1);
            }

            if (_assignment.HasStock(product))
            {
                Offer(product, _all, _assignment.Load[product] < _problem.Minimum[product] ? _minimum : 0, -1, -1);
            }
        }

        Offer(_free, _all, 0, -1, -1);
        if (_assignment.Total < _problem.Contacts)
        {
            Offer(_all, _free, 0, -1, -1);
        }
    }

    private void Offer(int from, int to, double gain, int given, int taken)
    {
        var at = (from * _nodes) + to;
        if (gain > _gain[at])
        {
            (_gain[at], _given[at], _taken[at]) = (gain, given, taken);
        }
    }

    // Bellman and Ford for the longest ways from everywhere: a node that still improves after as many rounds lies
    // behind a circle.
    private int? FindCycle()
    {
        Array.Clear(_distance);
        Array.Fill(_before, -1);
        for (var round = 0; round <= _nodes; round++)
        {
            var improved = -1;
            for (var from = 0; from < _nodes; from++)
            {
                var row = _gain.AsSpan(from * _nodes, _nodes);
                var reached = _distance[from] - _threshold;
                for (var to = 0; to < row.Length; to++)
                {
                    if (reached + row[to] > _distance[to])
                    {
                        (_distance[to], _before[to], improved) = (_distance[from] + row[to], from, to);
                    }
                }
            }

            if (improved < 0)
            {
                return null;
            }

            // A circle shows in the ways back long before the last round.
            if (CycleIn() is { } node)
            {
                return node;
            }
        }

        return null;
    }

    private int? CycleIn()
    {
        var seen = new int[_nodes];
        for (var start = 0; start < _nodes; start++)
        {
            var node = start;
            while (node >= 0 && seen[node] == 0)
            {
                seen[node] = start + 1;
                node = _before[node];
            }

            if (node >= 0 && seen[node] == start + 1)
            {
                return node;
            }
        }

        return null;
    }

    private void Exchange(int node)
    {
        var (given, taken) = (new List<int>(), new List<int>());
        var to = node;
        do
        {
            var from = _before[to];
            var at = (from * _nodes) + to;
            given.Add(_given[at]);
            taken.Add(_taken[at]);
            to = from;
        }
        while (to != node);
        given.Where(candidate => candidate >= 0).ToList().ForEach(_assignment.Drop);
        taken.Where(candidate => candidate >= 0).ToList().ForEach(_assignment.Take);
    }

    private AllocationPrices Prices() => new(
        [.. Enumerable.Range(0, _problem.Products).Select(product => _distance[product] - _distance[_all])],
        Math.Max(0, _distance[_all] - _distance[_free]));
}
