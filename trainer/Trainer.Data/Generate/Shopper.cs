using Engine.Datasets.Mapping;

namespace Trainer.Data.Generate;

/// <summary>One generated row of the behavior table.</summary>
/// <param name="Time">When, to the second.</param>
/// <param name="Product">Index of the product.</param>
/// <param name="Kind">What; ignored stands for sharing.</param>
/// <param name="Count">How many; 0 = the cell is empty.</param>
/// <param name="Order">The number of the customer's order, or 0.</param>
internal readonly record struct ShopperRow(DateTime Time, int Product, BehaviorKind Kind, int Count, int Order);

/// <summary>
/// One customer: favorite categories and a latent taste, a heavy-tailed number of visits that follow the seasons; on a
/// visit some products are viewed, those that fit are favourited, carted and purchased, complements go along, what is
/// used up is bought again, and some purchases are sent back.
/// </summary>
internal sealed class Shopper
{
    private const int Tries = 10;

    private readonly BrandCatalog _catalog;
    private readonly Prng _random;
    private readonly BrandKind _kind;
    private readonly HashSet<int> _owned = [];
    private readonly DateTime _start;
    private readonly DateTime _end;
    private readonly float[] _taste;
    private readonly double[] _liking;
    private readonly List<ShopperRow> _rows = [];
    private int _orders;

    /// <param name="catalog">The products.</param>
    /// <param name="random">The customer's own stream.</param>
    /// <param name="kind">What sort of shop it is.</param>
    /// <param name="start">The first moment of the data.</param>
    /// <param name="end">The moment after the last.</param>
    public Shopper(BrandCatalog catalog, Prng random, BrandKind kind, DateTime start, DateTime end)
    {
        (_catalog, _random, _kind, _end) = (catalog, random, kind, end);
        var days = (end - start).TotalDays;
        _start = random.Chance(0.7) ? start : start.AddDays(days * 0.9 * random.Unit());
        _taste = BrandCatalog.Near(random, 1);
        _liking = BrandWords.Categories.Select(c => c.Weight * Math.Pow(random.Unit(), 4)).ToArray();
    }

    /// <summary>The customer's rows in the order of time.</summary>
    /// <param name="visits">The mean number of visits over the whole time.</param>
    public List<ShopperRow> Shop(double visits)
    {
        var count = 1 + (int)Math.Min(visits * 60, visits * _random.Spread(1.1));
        for (var i = 0; i < count; i++)
        {
            Visit(Moment());
        }

        // A stable order for rows of one second: as they came about.
        return [.. _rows.OrderBy(row => row.Time)];
    }

    /// <summary>A moment of a visit: evenings, weekends and the weeks before Christmas are busier.</summary>
    private DateTime Moment()
    {
        DateTime time;
        double busy;
        do
        {
            time = _start.AddSeconds((long)((_end - _start).TotalSeconds * _random.Unit()));
            busy = time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.6 : 0.45;
            busy *= time.Month >= 11 ? 1.6 : 1;
            busy *= time.Hour is >= 18 and < 23 ? 1 : time.Hour >= 8 ? 0.7 : 0.1;
        }
        while (!_random.Chance(busy));
        return time;
    }

    private void Visit(DateTime time)
    {
        var order = 0;
        for (var views = 1 + _random.Geometric(3.2); views > 0; views--)
        {
            var product = PickFresh(time);
            if (product < 0 || (_kind.SameChance < 1 && _owned.Contains(product) && !_random.Chance(_kind.SameChance)))
            {
                continue;
            }

            var fit = Math.Exp(2 * (_catalog.Match(product, _taste) - 1)); // 0.02 .. 1
            time = time.AddSeconds(20 + _random.Below(120));
            Add(time, product, BehaviorKind.View, 0, 0);
            if (_random.Chance(0.02))
            {
                Add(time.AddSeconds(5), product, BehaviorKind.Ignored, 0, 0);
            }

            if (_random.Chance(0.25 * fit))
            {
                Add(time.AddSeconds(8), product, BehaviorKind.Favorite, 0, 0);
            }

            if (_random.Chance(0.06 + (0.5 * fit)))
            {
                Add(time.AddSeconds(10), product, BehaviorKind.Cart, 1, 0);
                if (_random.Chance(0.55))
                {
                    order = order == 0 ? ++_orders : order;
                    Purchase(time.AddSeconds(15), product, order, again: true);
                }
            }
        }
    }

    /// <summary>
    /// Draws a product that is on sale and, in a shop of collections, still in fashion; -1 when none of a few tries is.
    /// </summary>
    private int PickFresh(DateTime time)
    {
        if (_kind.FreshDays == 0)
        {
            return Pick(time.Month);
        }

        for (var i = 0; i < Tries; i++)
        {
            var product = Pick(time.Month);
            var age = (time - _catalog.Products[product].Launched).TotalDays;
            if (age >= 0 && _random.Chance(double.Exp2(-age / _kind.FreshDays)))
            {
                return product;
            }
        }

        return -1;
    }

    /// <summary>Draws a category by liking and season, then a popular product that fits the taste.</summary>
    private int Pick(int month)
    {
        Span<double> odds = stackalloc double[_liking.Length];
        var sum = 0.0;
        for (var i = 0; i < odds.Length; i++)
        {
            sum += odds[i] = _liking[i] * Season(BrandWords.Categories[i].PeakMonth, month);
        }

        var at = sum * _random.Unit();
        var category = 0;
        while (category < odds.Length - 1 && (at -= odds[category]) >= 0)
        {
            category++;
        }

        var product = _catalog.Draw(category, _random);
        for (var i = 1; i < Tries && !_random.Chance(Math.Exp(3 * (_catalog.Match(product, _taste) - 1))); i++)
        {
            product = _catalog.Draw(category, _random);
        }

        return product;
    }

    private static double Season(int peak, int month)
    {
        var distance = Math.Abs(peak - month);
        return peak == 0 ? 1 : Math.Min(distance, 12 - distance) switch { 0 => 3, 1 => 1.8, 2 => 1, _ => 0.6 };
    }

    private void Purchase(DateTime time, int product, int order, bool again)
    {
        var count = _random.Chance(0.8) ? 1 : 2 + _random.Below(3);
        Add(time, product, BehaviorKind.Purchase, count, order);
        _owned.Add(product);
        if (_random.Chance(0.03))
        {
            var back = count == 1 || _random.Chance(0.7) ? count : 1 + _random.Below(count - 1);
            Add(time.AddDays(1 + (13 * _random.Unit())), product, BehaviorKind.Refund, back, order);
        }

        if (!again)
        {
            return;
        }

        if (_random.Chance(0.3))
        {
            Purchase(time, _catalog.Complements[product][_random.Below(2)], order, again: false);
        }

        var cycle = _catalog.Products[product].CycleDays;
        for (var next = time; cycle > 0 && next < _end && _random.Chance(_kind.AgainChance);)
        {
            next = next.AddDays(Math.Round(cycle * _random.Spread(0.25))).AddSeconds(_random.Below(7200));
            Purchase(next, product, ++_orders, again: false);
        }
    }

    private void Add(DateTime time, int product, BehaviorKind kind, int count, int order)
    {
        if (time < _end)
        {
            var second = time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond);
            _rows.Add(new ShopperRow(new DateTime(second), product, kind, count, order));
        }
    }
}
