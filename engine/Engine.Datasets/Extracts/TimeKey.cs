using System.Globalization;
using System.Text.Json.Serialization;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;

namespace Engine.Datasets.Extracts;

/// <summary>
/// How a time column is cut into hours, by its type: hours of a time column, spans of a number column, prefixes of a text
/// column. Any order of the server does, because slices only have to meet without gap or overlap.
/// </summary>
/// <param name="Column">The column's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="UnitsPerHour">For a number column, what an hour is in it.</param>
internal sealed record TimeKey(string Column, ColumnType Type, long UnitsPerHour)
{
    /// <summary>The key of a mapped column.</summary>
    public static TimeKey Of(BehaviorTable table, ColumnType type) =>
        new(table.Time, type, table.TimeFormat == TimeParser.UnixMilliseconds ? 3_600_000 : 3600);

    /// <summary>The SQL expression that groups rows into hours.</summary>
    [JsonIgnore]
    public string Hour => Type switch
    {
        ColumnType.Time => $"DATE_FORMAT({SqlDialect.Name(Column)}, '%Y-%m-%d %H:00:00')",
        ColumnType.Text => $"LEFT({SqlDialect.Name(Column)}, 13)",
        _ => string.Create(CultureInfo.InvariantCulture, $"FLOOR({SqlDialect.Name(Column)} / {UnitsPerHour})"),
    };

    /// <summary>The SQL expression that groups rows into days.</summary>
    [JsonIgnore]
    public string Day => Type switch
    {
        ColumnType.Time => $"DATE({SqlDialect.Name(Column)})",
        ColumnType.Text => $"LEFT({SqlDialect.Name(Column)}, 10)",
        _ => string.Create(CultureInfo.InvariantCulture, $"FLOOR({SqlDialect.Name(Column)} / {UnitsPerHour * 24})"),
    };

    /// <summary>Rows, rows with a time, and the earliest and latest time.</summary>
    public string Range(string table) =>
        $"SELECT COUNT(*), COUNT({SqlDialect.Name(Column)}), CAST(MIN({SqlDialect.Name(Column)}) AS CHAR), CAST(MAX({SqlDialect.Name(Column)}) AS CHAR) FROM {SqlDialect.Name(table)}";

    /// <summary>Rows by hour up to @0, in the server's order.</summary>
    public string Histogram(string table) =>
        $"SELECT {Hour}, COUNT(*) FROM {SqlDialect.Name(table)} WHERE {SqlDialect.Name(Column)} <= @0 GROUP BY {Hour} ORDER BY {Hour}";

    /// <summary>The least value of an hour, as the histogram wrote the hour.</summary>
    public string Least(string hour) => Type is ColumnType.WholeNumber or ColumnType.Number
        ? (decimal.Parse(hour, CultureInfo.InvariantCulture) * UnitsPerHour).ToString(CultureInfo.InvariantCulture)
        : hour;

    /// <summary>A value as the driver must be given it.</summary>
    public object Parameter(string value) => Type is ColumnType.WholeNumber or ColumnType.Number
        ? decimal.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture)
        : value;
}
