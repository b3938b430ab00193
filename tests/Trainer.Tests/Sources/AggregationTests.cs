using Engine.Datasets.Extracts;
using Engine;
using Engine.Tables.Rows;
using Engine.Tables.Sql;
using Engine.Datasets.Mapping;
using Trainer.Data.Sources;

namespace Trainer.Tests.Sources;

/// <summary>The SQL of aggregated extracts for both servers, and what cannot be added up.</summary>
public sealed class AggregationTests
{
    private static readonly TimeKey Key = new("at", ColumnType.Time, 3600);

    private static readonly BehaviorTable Table = new()
    {
        Table = "b",
        UserId = "u",
        ProductId = "p",
        Type = "t",
        Time = "at",
        Count = "n",
        Amount = "m",
        Types = new Dictionary<string, BehaviorKind>
        {
            ["view"] = BehaviorKind.View,
            ["buy"] = BehaviorKind.Purchase,
            ["back"] = BehaviorKind.Refund,
            ["li'ke"] = BehaviorKind.Favorite,
        },
    };

    [Fact]
    public void Every_row_is_in_one_half_and_only_one()
    {
        var adb = Aggregation.Of(Table, Key, SqlDialect.Adb, ColumnType.WholeNumber);
        const string Sums =
            "SELECT `t`, `at`, `u`, `p`, `n`, `m` FROM `b` WHERE `at` < @0 AND (`t` NOT IN ('view', "
            + "'li\\'ke') OR `t` IS NULL OR `n` < 1 OR `n` > 2147483647) "
                +
            "UNION ALL SELECT MIN(`t`) AS `t`, MAX(`at`) AS `at`, MIN(`u`) AS `u`, MIN(`p`) AS `p`, "
            + "CAST(LEAST(SUM(COALESCE(`n`, 1)), 2147483647) AS BIGINT) AS `n`, SUM(`m`) AS `m` "
                +
            "FROM `b` WHERE `at` < @0 AND `t` IN ('view', 'li\\'ke') AND (`n` IS NULL OR (`n` >= 1 AND `n` <= "
            + "2147483647)) GROUP BY `t`, `u`, `p`, DATE(`at`)";
        Assert.Equal(Sums, adb.Select("`at` < @0"));
        Assert.Equal($"SELECT COUNT(*) FROM ({Sums}) AS aggregated", adb.Count("`at` < @0"));
        Assert.EndsWith(
            "GROUP BY BINARY `t`, BINARY `u`, BINARY `p`, DATE(`at`)",
            Aggregation.Of(Table, Key, SqlDialect.Mysql, null).Select(null),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Days_of_numbers_and_texts_are_found()
    {
        Assert.Equal("(`at` - MOD(`at`, 86400))", (Key with { Type = ColumnType.WholeNumber }).Day);
        Assert.Equal("LEFT(`at`, 10)", (Key with { Type = ColumnType.Text }).Day);
    }

    [Fact]
    public void What_cannot_be_added_up_is_refused()
    {
        Refused(Table, Key, ColumnType.Text, "adds up whole numbers only");
        Refused(Table with { TimeFormat = "dd/MM/yyyy" }, Key with { Type = ColumnType.Text }, null, "ISO 8601 only");
        Refused(Table, Key with { Type = ColumnType.WholeNumber }, null, "unix_seconds to unix_nanoseconds only");
        Refused(
            Table with { TimeFormat = TimeParser.ExcelSerial },
            Key with { Type = ColumnType.Number },
            null,
            "unix_seconds to unix_nanoseconds only");
        Refused(Table with { LatestTime = "2024-01-01T12:00:00" }, Key, null, "whole days");
        Refused(Table with { Duplicates = DuplicateRows.Drop }, Key, null, "behavior.duplicates is drop");
        Refused(
            Table with { Types = new Dictionary<string, BehaviorKind> { ["buy"] = BehaviorKind.Purchase } },
            Key,
            null,
            "nothing to add up");
    }

    [Fact]
    public void Sums_count_their_rows_where_no_column_does()
    {
        var sql = Aggregation
            .Of(Table with { Count = null, Channel = "rows_added_up" }, Key, SqlDialect.Mysql, null)
            .Select(null);
        Assert.Contains(", 1 AS `rows_added_up_` FROM", sql, StringComparison.Ordinal);
        Assert.Contains(", CAST(COUNT(*) AS SIGNED) AS `rows_added_up_` FROM", sql, StringComparison.Ordinal);
    }

    private static void Refused(BehaviorTable table, TimeKey key, ColumnType? count, string words) =>
        Assert.Contains(
            words,
            Assert.Throws<InputException>(() => Aggregation.Of(table, key, SqlDialect.Adb, count)).Message,
            StringComparison.Ordinal);
}
