using System.Globalization;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>AnalyticDB for MySQL 3.0, by the vendor's manual.</summary>
internal sealed class AdbDialect : SqlDialect
{
    /// <summary>Partitions that the server keeps of a table; older ones beyond it would be dropped.</summary>
    private const int Lifecycle = 10_000;

    public override int MaxInList => 2000;

    public override bool CanRepeatPublish => true;

    public override IReadOnlyList<string> VersionQueries { get; } = ["SELECT adb_version()", "SELECT VERSION()"];

    public override IReadOnlyList<string> SessionSettings(DataSource source) =>
    [
        .. source.CharacterSet == "utf8mb4" ? Array.Empty<string>() : [$"SET NAMES {source.CharacterSet}"],
        .. source.TimeZone is { } zone ? [$"SET time_zone = {Text(zone)}"] : Array.Empty<string>(),
    ];

    public override string WithTimeout(string query, TimeSpan timeout) =>
        string.Create(CultureInfo.InvariantCulture, $"/*+ QUERY_TIMEOUT={timeout.TotalMilliseconds:F0} */ {query}");

    /// <summary>Data are case-sensitive as they are.</summary>
    public override string Exact(string column) => Name(column);

    public override string ExactText(string column) => Name(column);

    public override string? CollationQuery => null;

    private protected override string Is(string column, string values) => $"{Name(column)} IN ({values})";

    public override string Whole(string expression) => $"CAST({expression} AS BIGINT)";

    public override string CreateTable(string table, ResultShape shape)
    {
        var partition = shape.Partition?.Column;
        var spread = shape.Key.Append(shape.Columns[0].Name).FirstOrDefault(column => column != partition)
            ?? partition!;
        var columns = shape.Columns.Select(
            column => $"{Name(column.Name)} {Type(column.Type)}{(shape.Key.Contains(column.Name) ? " NOT NULL" : "")}");
        var key = shape.Key.Count == 0 ? "" : $", PRIMARY KEY ({Names(shape.Key)})";
        var parts = partition is null ? "" : string.Create(
            CultureInfo.InvariantCulture, $" PARTITION BY VALUE({Name(partition)}) LIFECYCLE {Lifecycle}");
        return $"CREATE TABLE IF NOT EXISTS {Name(table)} ({string.Join(", ", columns)}{key}) DISTRIBUTED BY "
            + $"HASH({Name(spread)}){parts}";
    }

    public override string CreateStaging(Publication publication) =>
        CreateTable(publication.Staging, publication.Shape with { Partition = null });

    public override IReadOnlyList<string> PreparePublish(Publication publication) =>
        publication.FinalExists ? [] : [CreateTable(publication.Final, publication.Shape)];

    /// <summary>
    /// INSERT OVERWRITE touches the partitions that have new rows; without rows there is nothing for it to touch.
    /// </summary>
    public override string Publish(Publication publication) =>
        publication.Rows > 0
            ? $"INSERT OVERWRITE {Name(publication.Final)} ({ColumnNames(publication)}) SELECT "
                + $"{ColumnNames(publication)} FROM {Name(publication.Staging)}"
            : publication.Shape.Partition is null
                ? $"TRUNCATE TABLE {Name(publication.Final)}"
                : $"DELETE FROM {Name(publication.Final)} WHERE {InPartition(publication)}";

    public override IReadOnlyList<string> AfterPublish(Publication publication) =>
        [$"DROP TABLE IF EXISTS {Name(publication.Staging)}"];

    /// <summary>The server itself runs one INSERT OVERWRITE of a table at a time.</summary>
    public override string? LockPublication(Publication publication) => null;

    public override string? UnlockPublication(Publication publication) => null;

    public override string? MarkStaging(string staging) => null;

    public override string? IsStagingFree(string staging) => null;

    private static string Type(ColumnType type) => type switch
    {
        ColumnType.WholeNumber => "BIGINT",
        ColumnType.Number => "DOUBLE",
        ColumnType.Time => "DATETIME",
        _ => "VARCHAR",
    };
}
