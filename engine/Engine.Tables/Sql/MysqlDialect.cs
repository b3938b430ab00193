using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>MySQL 8 and MariaDB 10.</summary>
internal sealed class MysqlDialect : SqlDialect
{
    public override int MaxInList => 20_000;

    public override bool CanRepeatPublish => false;

    public override IReadOnlyList<string> VersionQueries { get; } = ["SELECT VERSION()"];

    /// <summary>Strict, so that a value that does not fit is an error and not another value.</summary>
    public override IReadOnlyList<string> SessionSettings(DataSource source) =>
    [
        $"SET NAMES {source.CharacterSet} COLLATE {source.CharacterSet}_bin",
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES'",
        .. source.TimeZone is { } zone ? [$"SET time_zone = {Text(zone)}"] : Array.Empty<string>(),
    ];

    /// <summary>MySQL and MariaDB have no hint in common: the driver's own timeout ends the query.</summary>
    public override string WithTimeout(string query, TimeSpan timeout) => query;

    public override string Exact(string column) => $"BINARY {Name(column)}";

    public override string ExactText(string column) => $"CAST(CONVERT({Name(column)} USING utf8mb4) AS BINARY)";

    /// <summary>
    /// Byte order that does not ignore trailing spaces: MariaDB, then MySQL 8.0.17; neither knows the other's.
    /// </summary>
    public override string? CollationQuery =>
        "SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE COLLATION_NAME IN "
        + "('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')";

    /// <summary>The first condition may use an index, the second one decides.</summary>
    private protected override string Is(string column, string values) =>
        $"{Name(column)} IN ({values}) AND {ExactText(column)} IN ({values})";

    public override string Whole(string expression) => $"CAST({expression} AS SIGNED)";

    public override string CreateTable(string table, ResultShape shape)
    {
        var columns = shape.Columns.Select(column => $"{Name(column.Name)} {Type(column, shape)}");
        var key = shape.Key.Count == 0 ? "" : $", PRIMARY KEY ({Names(shape.Key)})";
        return $"CREATE TABLE IF NOT EXISTS {Name(table)} ({string.Join(", ", columns)}{key}) CHARACTER SET utf8mb4 "
            + $"COLLATE {shape.Collation ?? "utf8mb4_bin"}";
    }

    public override string CreateStaging(Publication publication) => publication.FinalExists
        ? $"CREATE TABLE IF NOT EXISTS {Name(publication.Staging)} LIKE {Name(publication.Final)}"
        : CreateTable(publication.Staging, publication.Shape);

    /// <summary>The rows of other partitions move along, because the whole table changes places.</summary>
    public override IReadOnlyList<string> PreparePublish(Publication publication) =>
        publication is { FinalExists: true, Shape.Partition: not null }
            ? [$"INSERT INTO {Name(publication.Staging)} ({ColumnNames(publication)}) SELECT "
                + $"{ColumnNames(publication)} FROM {Name(publication.Final)} WHERE NOT ({InPartition(publication)})"]
            : [];

    public override string Publish(Publication publication) => publication.FinalExists
        ? $"RENAME TABLE {Name(publication.Final)} TO {Name(publication.Retired)}, {Name(publication.Staging)} TO "
            + $"{Name(publication.Final)}"
        : $"RENAME TABLE {Name(publication.Staging)} TO {Name(publication.Final)}";

    public override IReadOnlyList<string> AfterPublish(Publication publication) =>
        [$"DROP TABLE IF EXISTS {Name(publication.Retired)}"];

    public override string? LockPublication(Publication publication) =>
        $"SELECT GET_LOCK({LockName(publication.Final)}, 600)";

    public override string? UnlockPublication(Publication publication) =>
        $"DO RELEASE_LOCK({LockName(publication.Final)})";

    public override string? MarkStaging(string staging) => $"SELECT GET_LOCK({LockName(staging)}, 0)";

    public override string? IsStagingFree(string staging) => $"SELECT IS_FREE_LOCK({LockName(staging)})";

    /// <summary>Locks are of the whole server and have names of at most 64 characters.</summary>
    private static string LockName(string table) => $"MD5(CONCAT(DATABASE(), {Text($".{table}")}))";

    private static string Type(TableColumn column, ResultShape shape)
    {
        var inKey = shape.Key.Contains(column.Name);
        return column.Type switch
        {
            ColumnType.WholeNumber => "BIGINT",
            ColumnType.Number => "DOUBLE",
            ColumnType.Time => "DATETIME(3)",
            _ => inKey ? "VARCHAR(191)" : "MEDIUMTEXT",
        } + (inKey ? " NOT NULL" : "");
    }
}
