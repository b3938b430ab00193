using Engine.Tables.Rows;
using Engine.Tables.Sql;

namespace Engine.Tests.Tables;

/// <summary>The SQL text of both dialects, word for word: no test server knows ADB's.</summary>
public sealed class DialectTests
{
    private static readonly ResultShape Shape = new(
        [
            new("task_id", ColumnType.Text),
            new("user_id", ColumnType.Text),
            new("item_rank", ColumnType.WholeNumber),
            new("item_id", ColumnType.Text),
            new("score", ColumnType.Number),
            new("at", ColumnType.Time),
        ],
        ["task_id", "user_id", "item_rank"]);

    private static readonly Publication Whole =
        new("results", "results__new_1", "results__old_1", FinalExists: true, Rows: 5, Shape);
    private static readonly Publication Part =
        Whole with { Shape = Shape with { Partition = new ResultPartition("task_id", ["T'1", "T2"]) } };

    private const string Columns = "`task_id`, `user_id`, `item_rank`, `item_id`, `score`, `at`";

    [Fact]
    public void Queries_name_their_columns_and_only_adb_has_a_hint()
    {
        var select = SqlDialect.Select("behavior", ["user_id", "odd`name"], "`t` < @0");
        Assert.Equal("SELECT `user_id`, `odd``name` FROM `behavior` WHERE `t` < @0", select);
        Assert.Equal(
            $"/*+ QUERY_TIMEOUT=1800000 */ {select}", SqlDialect.Adb.WithTimeout(select, TimeSpan.FromMinutes(30)));
        Assert.Equal(select, SqlDialect.Mysql.WithTimeout(select, TimeSpan.FromMinutes(30)));
    }

    [Fact]
    public void Texts_are_escaped() => Assert.Equal("'a\\'b\\\\c\\0\n😀'", SqlDialect.Text("a'b\\c\0\n😀"));

    [Fact]
    public void Tables_are_made_with_a_key_and_on_adb_spread_by_it()
    {
        Assert.Equal(
            "CREATE TABLE IF NOT EXISTS `results` (`task_id` VARCHAR NOT NULL, `user_id` VARCHAR NOT NULL, "
            + "`item_rank` BIGINT NOT NULL, `item_id` VARCHAR, `score` DOUBLE, `at` DATETIME, "
            + "PRIMARY KEY (`task_id`, `user_id`, `item_rank`)) DISTRIBUTED BY HASH(`user_id`) PARTITION BY "
            + "VALUE(`task_id`) LIFECYCLE 10000",
            SqlDialect.Adb.CreateTable("results", Part.Shape));
        Assert.Equal(
            "CREATE TABLE IF NOT EXISTS `results` (`task_id` VARCHAR(191) NOT NULL, `user_id` VARCHAR(191) NOT NULL, "
            + "`item_rank` BIGINT NOT NULL, `item_id` MEDIUMTEXT, `score` DOUBLE, `at` DATETIME(3), "
            + "PRIMARY KEY (`task_id`, `user_id`, `item_rank`)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            SqlDialect.Mysql.CreateTable("results", Part.Shape));
        Assert.EndsWith(
            "COLLATE utf8mb4_nopad_bin",
            SqlDialect.Mysql.CreateTable("results", Part.Shape with { Collation = "utf8mb4_nopad_bin" }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_tell_apart_what_differs_in_a_byte_and_sums_are_whole()
    {
        Assert.Equal(
            ("`a`", "CAST(SUM(`n`) AS BIGINT)"), (SqlDialect.Adb.Exact("a"), SqlDialect.Adb.Whole("SUM(`n`)")));
        Assert.Equal(
            ("BINARY `a`", "CAST(SUM(`n`) AS SIGNED)"),
            (SqlDialect.Mysql.Exact("a"), SqlDialect.Mysql.Whole("SUM(`n`)")));
    }

    [Fact]
    public void Adb_publishes_by_insert_overwrite()
    {
        Assert.DoesNotContain("PARTITION", SqlDialect.Adb.CreateStaging(Part), StringComparison.Ordinal);
        Assert.Empty(SqlDialect.Adb.PreparePublish(Part));
        Assert.Equal(
            [SqlDialect.Adb.CreateTable("results", Part.Shape)],
            SqlDialect.Adb.PreparePublish(Part with { FinalExists = false }));
        Assert.Equal(
            $"INSERT OVERWRITE `results` ({Columns}) SELECT {Columns} FROM `results__new_1`",
            SqlDialect.Adb.Publish(Part));
        Assert.Equal("TRUNCATE TABLE `results`", SqlDialect.Adb.Publish(Whole with { Rows = 0 }));
        Assert.Equal(
            @"DELETE FROM `results` WHERE `task_id` IN ('T\'1', 'T2')", SqlDialect.Adb.Publish(Part with { Rows = 0 }));
        Assert.Equal(["DROP TABLE IF EXISTS `results__new_1`"], SqlDialect.Adb.AfterPublish(Part));
        Assert.Null(SqlDialect.Adb.LockPublication(Part));
        Assert.True(SqlDialect.Adb.CanRepeatPublish);
    }

    [Fact]
    public void Mysql_publishes_by_exchanging_names()
    {
        Assert.Equal(
            "CREATE TABLE IF NOT EXISTS `results__new_1` LIKE `results`", SqlDialect.Mysql.CreateStaging(Whole));
        Assert.Empty(SqlDialect.Mysql.PreparePublish(Whole));
        Assert.Equal(
            [$@"INSERT INTO `results__new_1` ({Columns}) SELECT {Columns} FROM `results` WHERE NOT (`task_id` IN ('T\'1', 'T2') AND CAST(CONVERT(`task_id` USING utf8mb4) AS BINARY) IN ('T\'1', 'T2'))"],
            SqlDialect.Mysql.PreparePublish(Part));
        Assert.Equal(
            "RENAME TABLE `results` TO `results__old_1`, `results__new_1` TO `results`",
            SqlDialect.Mysql.Publish(Whole));
        Assert.Equal(
            "RENAME TABLE `results__new_1` TO `results`", SqlDialect.Mysql.Publish(Whole with { FinalExists = false }));
        Assert.Equal(["DROP TABLE IF EXISTS `results__old_1`"], SqlDialect.Mysql.AfterPublish(Whole));
        Assert.False(SqlDialect.Mysql.CanRepeatPublish);
    }

    [Fact]
    public void In_lists_are_as_long_as_the_server_takes()
    {
        Assert.Equal((2000, 20_000), (SqlDialect.Adb.MaxInList, SqlDialect.Mysql.MaxInList));
        var many =
            Whole with
            {
                Rows = 0,
                Shape = Shape with
                {
                    Partition = new ResultPartition("task_id", [.. Enumerable.Range(0, 2001).Select(i => $"T{i}")]),
                },
            };
        Assert.Contains(
            "at most 2000 were expected",
            Assert.Throws<TableException>(() => SqlDialect.Adb.Publish(many)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_are_strict_on_mysql_and_say_little_on_adb()
    {
        var source = new DataSource { Host = "h", Database = "d", User = "u", TimeZone = "+08:00" };
        Assert.Equal(["SET time_zone = '+08:00'"], SqlDialect.Adb.SessionSettings(source));
        Assert.Equal(
            ["SET NAMES utf8", "SET time_zone = '+08:00'"],
            SqlDialect.Adb.SessionSettings(source with { CharacterSet = "utf8" }));
        Assert.Equal(
            ["SET NAMES utf8mb4 COLLATE utf8mb4_bin", "SET SESSION sql_mode = 'STRICT_ALL_TABLES'"],
            SqlDialect.Mysql.SessionSettings(source with { TimeZone = null }));
    }
}
