using System.Globalization;
using System.Text;
using Engine.Tables.Rows;

namespace Engine.Tables.Sql;

/// <summary>
/// Everything that differs between ADB and MySQL or MariaDB, as SQL text. What both understand alike stands in this
/// class: text protocol, no prepared statements, no transactions, no temporary tables, columns always named.
/// </summary>
public abstract class SqlDialect
{
    /// <summary>The most bytes that one statement may have; the server may allow less.</summary>
    public const int MaxStatementBytes = 16 << 20;

    /// <summary>The most columns that one query may name.</summary>
    public const int MaxColumns = 1024;

    /// <summary>AnalyticDB for MySQL 3.0.</summary>
    public static SqlDialect Adb { get; } = new AdbDialect();

    /// <summary>MySQL 8 and MariaDB 10.</summary>
    public static SqlDialect Mysql { get; } = new MysqlDialect();

    /// <summary>The most values that one IN list may have.</summary>
    public abstract int MaxInList { get; }

    /// <summary>Whether <see cref="Publish"/> may simply be run again when its outcome is unknown.</summary>
    public abstract bool CanRepeatPublish { get; }

    /// <summary>Queries for the version, the most telling first; a server may not know all of them.</summary>
    public abstract IReadOnlyList<string> VersionQueries { get; }

    /// <summary>The dialect of a kind of server.</summary>
    public static SqlDialect For(SourceKind kind) => kind == SourceKind.Adb ? Adb : Mysql;

    /// <summary>A name in backticks.</summary>
    public static string Name(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary>Names in backticks with commas between them.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary>A text literal, with quotes and backslashes escaped.</summary>
    public static string Text(string value) => AppendText(new StringBuilder(value.Length + 2), value).ToString();

    /// <summary>Appends a text literal.</summary>
    public static StringBuilder AppendText(StringBuilder sql, ReadOnlySpan<char> value)
    {
        sql.Append('\'');
        while (value.IndexOfAny('\'', '\\', '\0') is var at and >= 0)
        {
            sql.Append(value[..at]).Append('\\').Append(value[at] == '\0' ? '0' : value[at]);
            value = value[(at + 1)..];
        }

        return sql.Append(value).Append('\'');
    }

    /// <summary>What to run on every new connection.</summary>
    public abstract IReadOnlyList<string> SessionSettings(DataSource source);

    /// <summary>A query with the server's time limit in it, where the server has such a hint.</summary>
    /// <param name="query">A statement that begins with SELECT.</param>
    /// <param name="timeout">The limit.</param>
    public abstract string WithTimeout(string query, TimeSpan timeout);

    /// <summary>A column to group by that tells apart what differs in a byte, whatever its collation.</summary>
    public abstract string Exact(string column);

    /// <summary>
    /// A column to compare with text literals byte by byte, whatever its collation and character set.
    /// </summary>
    public abstract string ExactText(string column);

    /// <summary>
    /// A query for the collation of new tables, under which all texts that differ are different; null where the server
    /// needs none.
    /// </summary>
    public abstract string? CollationQuery { get; }

    /// <summary>A sum as a 64-bit whole number.</summary>
    public abstract string Whole(string expression);

    /// <summary>Rows of a table: named columns, no order, all rows or those of a condition.</summary>
    public static string Select(string table, IReadOnlyList<string> columns, string? where) =>
        $"SELECT {Names(columns)} FROM {Name(table)}{Where(where)}";

    /// <summary>The number of rows.</summary>
    public static string Count(string table, string? where) => $"SELECT COUNT(*) FROM {Name(table)}{Where(where)}";

    /// <summary>No rows, but the columns' types.</summary>
    public static string Shape(string table, IReadOnlyList<string>? columns) =>
        $"SELECT {(columns is null ? "*" : Names(columns))} FROM {Name(table)} WHERE 1 = 0";

    /// <summary>A table with a primary key, if it has key columns.</summary>
    public abstract string CreateTable(string table, ResultShape shape);

    /// <summary>
    /// The start of a batch of rows that replace rows of the same key: the tuples follow, with commas between them.
    /// </summary>
    public static string Replace(string table, IReadOnlyList<TableColumn> columns) =>
        $"REPLACE INTO {Name(table)} ({Names(columns.Select(column => column.Name))}) VALUES ";

    /// <summary>Makes the empty staging table.</summary>
    public abstract string CreateStaging(Publication publication);

    /// <summary>What must have been done before <see cref="Publish"/>, without an effect on the final table.</summary>
    public abstract IReadOnlyList<string> PreparePublish(Publication publication);

    /// <summary>The one statement by which readers see the new rows, all at once.</summary>
    public abstract string Publish(Publication publication);

    /// <summary>What to clean up afterwards.</summary>
    public abstract IReadOnlyList<string> AfterPublish(Publication publication);

    /// <summary>
    /// A query that answers 1 when no other connection publishes the same table, and keeps others out as long as the
    /// connection lives; null where the server sees to it.
    /// </summary>
    public abstract string? LockPublication(Publication publication);

    /// <summary>Lets others publish again.</summary>
    public abstract string? UnlockPublication(Publication publication);

    /// <summary>
    /// A query that answers 1 and marks a staging table as in use as long as the connection lives; null where the
    /// server has no such marks.
    /// </summary>
    public abstract string? MarkStaging(string staging);

    /// <summary>
    /// A query that answers 0 while <see cref="MarkStaging"/> marks the table; null where the server has no such marks.
    /// </summary>
    public abstract string? IsStagingFree(string staging);

    /// <summary>The condition that a row belongs to the values of the publication's partition.</summary>
    internal string InPartition(Publication publication)
    {
        var partition = publication.Shape.Partition!;
        return partition.Values.Count <= MaxInList
            ? Is(partition.Column, string.Join(", ", partition.Values.Select(Text)))
            : throw new TableException(string.Create(
                CultureInfo.InvariantCulture,
                $"{partition.Values.Count} values of {partition.Column} are replaced at once, at most {MaxInList} were "
                + $"expected: publish them in parts."));
    }

    /// <summary>The condition that a text column is one of some literals, byte by byte.</summary>
    private protected abstract string Is(string column, string values);

    private protected static string ColumnNames(Publication publication) =>
        Names(publication.Shape.Columns.Select(column => column.Name));

    private static string Where(string? where) => where is null ? "" : $" WHERE {where}";
}
