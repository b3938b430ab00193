using Engine.Datasets.Extracts;
using System.Globalization;
using Engine;
using Engine.Tables.Sql;

namespace Trainer.Data.Sources;

/// <summary>Cuts the behavior table into slices of whole hours with about the same number of rows.</summary>
internal static class SlicePlanner
{
    /// <summary>
    /// Reads the latest time first and bounds everything by it: there is no snapshot isolation, and later rows belong
    /// to the next extract. Rows without a time are a slice of their own.
    /// </summary>
    /// <returns>The latest time and the slices.</returns>
    public static (string Bound, IReadOnlyList<Slice> Slices) Plan(
        SqlSource source, string table, TimeKey key, long sliceRows)
    {
        var range =
            source.Query(
                $"reading the time range of {table}",
                source.Dialect.WithTimeout(key.Range(table), TimeSpan.FromSeconds(source.Settings.QuerySeconds)))[0];
        if (range[3] is not { } bound)
        {
            throw new InputException(
                $"the table {table} at {source.Settings.Place()} has {range[0]} rows and none with a {key.Column}: "
                + "rows with times were expected. Check the mapping.");
        }

        var histogram =
            source.Dialect.WithTimeout(key.Histogram(table), TimeSpan.FromSeconds(source.Settings.QuerySeconds));
        var hours = source.Query($"counting {table} by hour", histogram, key.Parameter(bound));
        var slices = Cut(hours, bound, sliceRows);
        var untimed = Number(range[0]) - Number(range[1]);
        if (untimed > 0)
        {
            slices.Add(new Slice(slices.Count, null, null, null, true, untimed));
        }

        return (bound, slices);
    }

    internal static List<Slice> Cut(IReadOnlyList<string?[]> hours, string bound, long sliceRows)
    {
        var slices = new List<Slice>();
        string? from = null;
        long rows = 0;
        foreach (var hour in hours)
        {
            var count = Number(hour[1]);
            if (rows > 0 && rows + count > sliceRows && hour[0] is { } next)
            {
                slices.Add(new Slice(slices.Count, from, next, null, false, rows));
                (from, rows) = (next, 0);
            }

            rows += count;
        }

        slices.Add(new Slice(slices.Count, from, null, bound, false, rows));
        return slices;
    }

    private static long Number(string? text) => long.Parse(text ?? "0", CultureInfo.InvariantCulture);
}
