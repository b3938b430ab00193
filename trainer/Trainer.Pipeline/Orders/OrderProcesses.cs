using Engine.Scoring.Orders;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Mapping;
using Engine.Snapshots.Writing;
using Trainer.Data.Scoping;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Orders;

/// <summary>
/// The hazards of both processes on one scope: of a user's orders, and of a user's purchases of one product; with the
/// usual interval of each product and how much more often than others its purchasers come back. An interval is used
/// from the purchases before it alone, as it is when it predicts.
/// </summary>
internal sealed class OrderProcesses
{
    // A product's own intervals count as much as the mean once there are so many, and so do its purchasers who return.
    private const double PriorGaps = 20;
    private const double PriorEvents = 5;

    private readonly ScopedDataset _scoped;
    private readonly HistoryContent _history;

    private OrderProcesses(ScopedDataset scoped)
    {
        (_scoped, _history) = (scoped, UserProfiles.HistoryOf(scoped));
        var (gaps, days) = ProductGaps();
        var mean = Mean(gaps.Sum(), days.Sum());
        Intervals = [.. gaps.Zip(days, (n, sum) => (float)((sum + (PriorGaps * mean)) / (n + PriorGaps)))];
        Products = Pairs(mean);
        Factors = ProductFactors();
        Orders = Users();
    }

    /// <summary>Days between two orders of a user.</summary>
    public RenewalTerms Orders { get; }

    /// <summary>Of a user's purchases of one product.</summary>
    public RenewalTerms Products { get; }

    /// <summary>The usual days between two purchases, by product of the scope.</summary>
    public float[] Intervals { get; }

    /// <summary>By product: purchases again / those that the hazards expect, shrunk to 1.</summary>
    public float[] Factors { get; }

    /// <summary>The last day of the scope, as the history counts days.</summary>
    public int LastDay => _scoped.LastDay;

    /// <summary>Fits both.</summary>
    public static OrderProcesses Of(ScopedDataset scoped) => new(scoped);

    /// <summary>The history of one user.</summary>
    public HistoryRow History(int user)
    {
        var (start, count) =
            ((int)_history.Offsets[user], (int)(_history.Offsets[user + 1] - _history.Offsets[user]));
        return new HistoryRow(
            _history.Products.AsSpan(start, count),
            _history.Days.AsSpan(start, count),
            _history.Types.AsSpan(start, count),
            _history.Counts.AsSpan(start, count));
    }

    // A month where nothing tells.
    private static double Mean(double gaps, double days) => (days + NextOrderTerms.WindowDays) / (gaps + 1);

    private RenewalTerms Users()
    {
        var days = new PurchaseDays();
        var (gaps, span) = (0.0, 0.0);
        for (var user = 0; user < _scoped.UserCount; user++)
        {
            days.Read(History(user), _scoped.LastDay);
            (gaps, span) = (gaps + days.Count - 1, span + days.Span);
        }

        var mean = Mean(gaps, span);
        var counts = new HazardCounts();
        for (var user = 0; user < _scoped.UserCount; user++)
        {
            days.Read(History(user), _scoped.LastDay);
            var first = days.Ages[^1];
            for (var n = 1; n <= days.Count; n++)
            {
                var age = days.Ages[^n];
                var next = n < days.Count ? days.Ages[^(n + 1)] : 0;
                counts.Add(n, (age - next) / PhaseHazard.Interval(n, first - age, mean), n < days.Count);
            }
        }

        return counts.Process(mean, 3 + FeatureLayout.HalfLives.Length);
    }

    private (double[] Gaps, double[] Days) ProductGaps()
    {
        var (gaps, days) = (new double[_scoped.ProductCount], new double[_scoped.ProductCount]);
        ForEachGap((product, _, _, gap, ended) =>
        {
            gaps[product] += ended ? 1 : 0;
            days[product] += ended ? gap : 0;
        });
        return (gaps, days);
    }

    private RenewalTerms Pairs(double mean)
    {
        var counts = new HazardCounts();
        ForEachGap((product, n, span, gap, ended) =>
            counts.Add(n, gap / PhaseHazard.Interval(n, span, Intervals[product]), ended));
        return counts.Process(mean, 2);
    }

    private float[] ProductFactors()
    {
        var hazard = new PhaseHazard(HazardCounts.Phases, HazardCounts.Counts, Products.Hazards);
        var (events, expected) = (new double[_scoped.ProductCount], new double[_scoped.ProductCount]);
        ForEachGap((product, n, span, gap, ended) =>
        {
            events[product] += ended ? 1 : 0;
            expected[product] += hazard.Between(n, 0, gap / PhaseHazard.Interval(n, span, Intervals[product]));
        });
        return [.. events.Zip(expected, (n, sum) => (float)((n + PriorEvents) / (sum + PriorEvents)))];
    }

    // Every stretch between purchase days of a user and a product: the product, the days so far, their span, the
    // stretch, and whether a purchase ended it.
    private void ForEachGap(Action<int, int, int, int, bool> add)
    {
        var e = 0L;
        for (var user = 0; user < _scoped.UserCount; user++)
        {
            var (product, n, first, last) = (-1, 0, 0, 0);
            for (; e < _scoped.Offsets[user + 1]; e++)
            {
                if (_scoped.Types[e] != BehaviorType.Purchase)
                {
                    continue;
                }

                if (_scoped.Products[e] == product)
                {
                    add(product, n++, last - first, _scoped.Days[e] - last, true);
                }
                else
                {
                    End();
                    (product, n, first) = (_scoped.Products[e], 1, _scoped.Days[e]);
                }

                last = _scoped.Days[e];
            }

            End();

            void End()
            {
                if (product >= 0)
                {
                    add(product, n, last - first, _scoped.LastDay - last, false);
                }
            }
        }
    }
}
