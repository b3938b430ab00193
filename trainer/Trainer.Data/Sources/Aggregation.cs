using Engine.Datasets.Extracts;
using Engine;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;

namespace Trainer.Data.Sources;

/// <summary>
/// Lets the server add up behaviors before they travel: rows of one type, user, product, channel, order and day become one
/// with the sum of their counts and amounts and the latest of their times. Purchases and refunds stay row by row, because
/// refunds are matched by time; so do rows whose type is not mapped or whose count is below 1, which training rejects.
/// </summary>
internal sealed class Aggregation
{
    private readonly BehaviorTable _table;
    private readonly TimeKey _key;
    private readonly SqlDialect _dialect;

    private Aggregation(BehaviorTable table, TimeKey key, SqlDialect dialect) => (_table, _key, _dialect) = (table, key, dialect);

    /// <summary>The aggregation of a mapped table.</summary>
    /// <exception cref="InputException">Its rows cannot be added up without a change of meaning.</exception>
    public static Aggregation Of(BehaviorTable table, TimeKey key, SqlDialect dialect, ColumnType? count)
    {
        if (table.Type is null)
        {
            throw new InputException("the behavior table has no type column: --aggregate cannot tell purchases, which stay row by row, from other rows. Extract without it.");
        }

        if (count is not (null or ColumnType.WholeNumber))
        {
            throw new InputException($"{table.Count} is a column of the type {count}: --aggregate adds up whole numbers only. Extract without it.");
        }

        if (key.Type == ColumnType.Text && table.TimeFormat != TimeParser.Auto)
        {
            throw new InputException($"{table.Time} is text of the format {table.TimeFormat}: --aggregate finds the day in ISO 8601 only. Extract without it.");
        }

        return Types(table).Length > 0 ? new Aggregation(table, key, dialect)
            : throw new InputException("every type in behavior.types is a purchase or a refund: there is nothing to add up. Extract without --aggregate.");
    }

    /// <summary>The rows of a condition: those that stay as they are, and the sums of the others, in the mapping's columns.</summary>
    public string Select(string? where)
    {
        var type = SqlDialect.Name(_table.Type!);
        var words = string.Join(", ", Types(_table).Select(SqlDialect.Text));
        var count = _table.Count is null ? null : SqlDialect.Name(_table.Count);
        var added = $"{type} IN ({words}){(count is null ? "" : $" AND ({count} IS NULL OR {count} >= 1)")}";
        var kept = $"({type} NOT IN ({words}) OR {type} IS NULL{(count is null ? "" : $" OR {count} < 1")})";
        var part = where is null ? "" : $"{where} AND ";
        var columns = MappedColumns.Distinct(MappedColumns.Roles(_table));
        var keys = columns.Where(column => column != _table.Count && column != _table.Amount && column != _table.Time).Select(_dialect.Exact);
        return $"{SqlDialect.Select(_table.Table!, columns, part + kept)} UNION ALL SELECT {string.Join(", ", columns.Select(Sum))} " +
            $"FROM {SqlDialect.Name(_table.Table!)} WHERE {part}{added} GROUP BY {string.Join(", ", keys.Append(_key.Day))}";
    }

    /// <summary>How many rows <see cref="Select"/> gives.</summary>
    public string Count(string? where) => $"SELECT COUNT(*) FROM ({Select(where)}) AS aggregated";

    private static string[] Types(BehaviorTable table) =>
        [.. table.Types.Where(pair => pair.Value is not (BehaviorKind.Purchase or BehaviorKind.Refund)).Select(pair => pair.Key)];

    /// <summary>All rows of a group have the same key cells: MIN only says so to the server.</summary>
    private string Sum(string column)
    {
        var name = SqlDialect.Name(column);
        var value = column == _table.Time ? $"MAX({name})"
            : column == _table.Count ? _dialect.Whole($"SUM(COALESCE({name}, 1))")
            : column == _table.Amount ? $"SUM({name})"
            : $"MIN({name})";
        return $"{value} AS {name}";
    }
}
