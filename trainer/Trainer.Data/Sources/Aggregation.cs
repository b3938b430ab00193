using Engine.Datasets.Extracts;
using Engine;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Sources;

/// <summary>
/// Lets the server add up behaviors before they travel: rows of one type, user, product, channel, order and day become
/// one with the sum of their counts and amounts and the latest of their times. Training makes the same model of them.
/// Rows that training treats one by one stay as they are: purchases and refunds, which are matched by time, and what it
/// rejects: types that are not mapped, counts outside 1 to 2,147,483,647, times that it may not read.
/// </summary>
internal sealed class Aggregation
{
    private const string IsoTime =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,7})?)?)?$";

    private readonly BehaviorTable _table;
    private readonly TimeKey _key;
    private readonly SqlDialect _dialect;

    private Aggregation(BehaviorTable table, TimeKey key, SqlDialect dialect) =>
        (_table, _key, _dialect) = (table, key, dialect);

    /// <summary>The aggregation of a mapped table.</summary>
    /// <exception cref="InputException">Its rows cannot be added up without a change of meaning.</exception>
    public static Aggregation Of(BehaviorTable table, TimeKey key, SqlDialect dialect, ColumnType? count)
    {
        if (table.Type is null)
        {
            throw new InputException(
                "the behavior table has no type column: --aggregate cannot tell purchases, which stay row by row, "
                + "from other rows. Extract without it.");
        }

        if (count is not (null or ColumnType.WholeNumber))
        {
            throw new InputException(
                $"{table.Count} is a column of the type {count}: "
                + "--aggregate adds up whole numbers only. Extract without it.");
        }

        if (key.Type == ColumnType.Text && table.TimeFormat != TimeParser.Auto)
        {
            throw new InputException(
                $"{table.Time} is text of the format {table.TimeFormat}: --aggregate finds the day in ISO 8601 only. "
                + "Extract without it.");
        }

        if (key.Type is ColumnType.WholeNumber or ColumnType.Number
            && !table.TimeFormat.StartsWith("unix_", StringComparison.Ordinal))
        {
            throw new InputException(
                $"{table.Time} is a number of the format {table.TimeFormat}: --aggregate finds the day in the formats "
                + "unix_seconds to unix_nanoseconds only. Extract without it.");
        }

        if (table.LatestTime is not null
            && table.LatestMoment()?.TimeOfDay is not { Hours: 23, Minutes: 59, Seconds: 59 })
        {
            throw new InputException(
                $"behavior.latest_time is {table.LatestTime}: --aggregate adds up whole days. Set it to a day, or to "
                + "the end of one, T23:59:59, or extract without --aggregate.");
        }

        if (table.Duplicates == DuplicateRows.Drop)
        {
            throw new InputException(
                "behavior.duplicates is drop: --aggregate adds repeated rows up before they can be dropped. "
                + "Extract without it.");
        }

        return Types(table).Length > 0 ? new Aggregation(table, key, dialect)
            : throw new InputException(
                "every type in behavior.types is a purchase or a refund: there is nothing to add up. "
                + "Extract without --aggregate.");
    }

    /// <summary>
    /// The rows of a condition: those that stay as they are, and the sums of the others, in the mapping's columns.
    /// </summary>
    public string Select(string? where)
    {
        var (added, kept) = Halves();
        var part = where is null ? "" : $"{where} AND ";
        var columns = MappedColumns.Distinct(MappedColumns.Roles(_table));
        var keys = columns
            .Where(column => column != _table.Count && column != _table.Amount && column != _table.Time)
            .Select(_dialect.Exact);
        var (one, rows) = _table.Count is not null ? ("", "")
            : (
                $", 1 AS {SqlDialect.Name(MappedColumns.CountOfRows(_table))}",
                $", {_dialect.Whole("COUNT(*)")} AS {SqlDialect.Name(MappedColumns.CountOfRows(_table))}");
        var table = SqlDialect.Name(_table.Table!);
        return $"SELECT {SqlDialect.Names(columns)}{one} FROM {table} WHERE "
            + $"{part}({string.Join(" OR ", kept)}) UNION ALL " +
            $"SELECT {string.Join(", ", columns.Select(Sum))}{rows} FROM {table} WHERE "
            + $"{part}{string.Join(" AND ", added)} GROUP BY {string.Join(", ", keys.Append(_key.Day))}";
    }

    /// <summary>How many rows <see cref="Select"/> gives.</summary>
    public string Count(string? where) => $"SELECT COUNT(*) FROM ({Select(where)}) AS aggregated";

    /// <summary>What a row must fulfill to be added up, and what keeps it as it is: every row is in one half.</summary>
    private (List<string> Added, List<string> Kept) Halves()
    {
        var type = _dialect.ExactText(_table.Type!);
        var words = string.Join(", ", Types(_table).Select(SqlDialect.Text));
        var (added, kept) = (
            new List<string> { $"{type} IN ({words})" },
            new List<string> { $"{type} NOT IN ({words})", $"{SqlDialect.Name(_table.Type!)} IS NULL" });
        if (_table.Count is not null)
        {
            var count = SqlDialect.Name(_table.Count);
            added.Add($"({count} IS NULL OR ({count} >= 1 AND {count} <= {int.MaxValue}))");
            kept.Add($"{count} < 1");
            kept.Add($"{count} > {int.MaxValue}");
        }

        var time = SqlDialect.Name(_table.Time);
        if (_key.Type == ColumnType.Text)
        {
            added.Add($"{time} REGEXP '{IsoTime}'");
            kept.Add($"{time} NOT REGEXP '{IsoTime}'");
            kept.Add($"{time} IS NULL");
        }
        else if (_key.Type != ColumnType.Time)
        {
            added.Add($"{time} >= 0");
            kept.Add($"{time} < 0");
            kept.Add($"{time} IS NULL");
        }

        return (added, kept);
    }

    private static string[] Types(BehaviorTable table) =>
        [.. table.Types
            .Where(pair => pair.Value is not (BehaviorKind.Purchase or BehaviorKind.Refund))
            .Select(pair => pair.Key)];

    /// <summary>All rows of a group have the same key cells: MIN only says so to the server.</summary>
    private string Sum(string column)
    {
        var name = SqlDialect.Name(column);
        var value = column == _table.Time ? $"MAX({name})"
            : column == _table.Count ? _dialect.Whole($"LEAST(SUM(COALESCE({name}, 1)), {int.MaxValue})")
            : column == _table.Amount ? $"SUM({name})"
            : $"MIN({name})";
        return $"{value} AS {name}";
    }
}
