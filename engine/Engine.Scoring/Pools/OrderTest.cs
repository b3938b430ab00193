using Engine.Scoring.Sets;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Pools;

/// <summary>Conditions on numbers and on days; a product without a value holds none but "is empty".</summary>
internal static class OrderTest
{
    private const long MicrosecondsPerDay = 86_400_000_000;

    // Products between two looks at the cancellation.
    private const int CheckedProducts = 4096;

    private static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    /// <summary>Adds the products of a number tag for which the comparison holds.</summary>
    public static void Run(MappedTag tag, RuleCondition condition, Bitset products, CancellationToken cancellation)
    {
        var values = condition.Values.Select(value => value.Number).ToArray();
        var numbers = tag.Numbers.AsSpan();
        for (var product = 0; product < numbers.Length; product++)
        {
            if (product % CheckedProducts == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            Add(condition.Operator, double.IsNaN(numbers[product]), numbers[product], values, product, products);
        }
    }

    /// <summary>Adds the products of a date tag for which the comparison holds: a time counts as its day.</summary>
    public static void Run(
        MappedTag tag, RuleCondition condition, DateOnly lastDay, Bitset products, CancellationToken cancellation)
    {
        var values = condition.Values.Select(value => (double)(RuleTypes.DayOf(value, lastDay) - Epoch)).ToArray();
        var times = tag.Times.AsSpan();
        for (var product = 0; product < times.Length; product++)
        {
            if (product % CheckedProducts == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            // Rounds down before 1970 too; day numbers are exact in double.
            var day = Math.Floor(
                (double)(times[product] / MicrosecondsPerDay) + (times[product] % MicrosecondsPerDay < 0 ? -1 : 0));
            Add(condition.Operator, times[product] == long.MinValue, day, values, product, products);
        }
    }

    private static void Add(
        RuleOperator comparison, bool empty, double value, double[] values, int product, Bitset products)
    {
        if (empty ? comparison == RuleOperator.Empty : Holds(comparison, value, values))
        {
            products.Add(product);
        }
    }

    // Several values mean or: less than one of them.
    private static bool Holds(RuleOperator comparison, double value, double[] values)
    {
        if (comparison == RuleOperator.Between)
        {
            return value >= values[0] && value <= values[1];
        }

        foreach (var other in values)
        {
            var holds = comparison switch
            {
                RuleOperator.Equal => value == other,
                RuleOperator.Less => value < other,
                RuleOperator.LessOrEqual => value <= other,
                RuleOperator.Greater => value > other,
                RuleOperator.GreaterOrEqual => value >= other,
                _ => false,
            };
            if (holds)
            {
                return true;
            }
        }

        return false;
    }
}
