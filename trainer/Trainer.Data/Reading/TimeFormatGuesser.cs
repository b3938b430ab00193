using System.Globalization;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Reading;

/// <summary>What the values of a column say about the format of their times.</summary>
/// <param name="Format">The format; null when there is none, or when it cannot be told which.</param>
/// <param name="Also">Formats that read the values as well but differently: a person must choose.</param>
/// <param name="Unread">A value that the format does not read; null when it reads all.</param>
internal sealed record TimeGuess(string? Format, IReadOnlyList<string> Also, string? Unread)
{
    /// <summary>Whether the column holds times, though their format may be open.</summary>
    public bool IsTime => Format is not null || Also.Count > 0;
}

/// <summary>Finds the format in which a column writes times, from evidence in all of its values.</summary>
internal static class TimeFormatGuesser
{
    /// <summary>
    /// The share of distinct values that must be readable; the rest may be the bad rows that every table has.
    /// </summary>
    private const double Enough = 0.9;

    // Of values that only one order reads, the other may have so many as typing errors.
    private const double Contrary = 0.02;

    private static readonly (string Format, double From, double To)[] Numbers =
    [
        (TimeParser.ExcelSerial, 25_569, 80_000),
        (TimeParser.UnixSeconds, 1e8, 4.2e9),
        (TimeParser.UnixMilliseconds, 1e11, 4.2e12),
        (TimeParser.UnixMicroseconds, 1e14, 4.2e15), (TimeParser.UnixNanoseconds, 1e17, 4.2e18),
    ];

    /// <summary>The format of a column's distinct values.</summary>
    public static TimeGuess Find(IReadOnlyCollection<string> values)
    {
        if (values.Count == 0)
        {
            return new TimeGuess(null, [], null);
        }

        if (Share(values, TimeParser.Auto) >= Enough)
        {
            return Guess(values, TimeParser.Auto);
        }

        foreach (var (format, from, to) in Numbers)
        {
            if ((double)values.Count(value => IsNumber(value, out var number) && number >= from && number <= to)
                / values.Count >= Enough)
            {
                return Guess(values, format);
            }
        }

        return FindOrder(values);
    }

    private static TimeGuess FindOrder(IReadOnlyCollection<string> values)
    {
        string[] orders = [TimeParser.DayFirst, TimeParser.MonthFirst, TimeParser.YearFirst];
        var read = orders.Select(TimeParser.For)
            .Select(
                parser => values
                    .Select(value => parser.TryParse(value, out var time) ? time : (DateTime?)null)
                    .ToArray())
                .ToArray();
        var fit = Enumerable.Range(0, orders.Length)
            .Where(i => read[i].Count(time => time is not null) >= Enough * values.Count)
            .Where(i => !Enumerable.Range(0, orders.Length).Any(j => Beats(read[j], read[i])))
            .ToList();
        if (fit.Count > 1 && fit.Contains(2))
        {
            // Two-digit years: the number that changes least from row to row is the year.
            var years = fit.ToDictionary(
                i => i,
                i => read[i].Where(time => time is not null).Select(time => time!.Value.Year).Distinct().Count());
            fit.RemoveAll(i => years[i] > 3 && years[i] > 3 * years.Values.Min());
        }

        return fit.Count == 1
            ? Guess(values, orders[fit[0]])
            : new TimeGuess(null, [.. fit.Select(i => orders[i])], null);
    }

    /// <summary>
    /// Whether values that only the one order reads are there, and hardly any that only the other reads.
    /// </summary>
    private static bool Beats(DateTime?[] one, DateTime?[] other)
    {
        var only = one.Where((time, i) => time is not null && other[i] is null).Count();
        var against = one.Where((time, i) => time is null && other[i] is not null).Count();
        return only > 0 && against <= Contrary * only;
    }

    private static TimeGuess Guess(IReadOnlyCollection<string> values, string format)
    {
        var parser = TimeParser.For(format);
        return new TimeGuess(format, [], values.FirstOrDefault(value => !parser.TryParse(value, out _)));
    }

    private static double Share(IReadOnlyCollection<string> values, string format)
    {
        var parser = TimeParser.For(format);
        return (double)values.Count(value => parser.TryParse(value, out _)) / values.Count;
    }

    private static bool IsNumber(string text, out double number) =>
        double.TryParse(
            text,
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out number);
}
