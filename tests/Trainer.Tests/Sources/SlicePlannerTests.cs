using Engine.Datasets.Extracts;
using Engine.Tables.Rows;
using Trainer.Data.Sources;

namespace Trainer.Tests.Sources;

/// <summary>Slices meet without gap or overlap, whatever the type of the time column.</summary>
public sealed class SlicePlannerTests
{
    private static readonly string?[][] Hours = [
        ["2024-01-01 00:00:00", "6"],
        ["2024-01-01 05:00:00", "5"],
        ["2024-01-02 00:00:00", "20"],
        ["2024-01-03 00:00:00", "1"],
    ];

    [Fact]
    public void Hours_are_put_together_up_to_the_wanted_rows()
    {
        var key = new TimeKey("at", ColumnType.Time, 3600);
        var slices = SlicePlanner.Cut(Hours, "2024-01-03 00:10:00", 11);
        Assert.Equal([11L, 20, 1], slices.Select(slice => slice.Rows));
        Assert.Equal("`at` < @0", slices[0].Condition(key).Where);
        Assert.Equal("`at` >= @0 AND `at` < @1", slices[1].Condition(key).Where);
        Assert.Equal(["2024-01-02 00:00:00", "2024-01-03 00:00:00"], slices[1].Condition(key).Parameters);
        Assert.Equal("`at` >= @0 AND `at` <= @1", slices[2].Condition(key).Where);
        Assert.Equal(["2024-01-03 00:00:00", "2024-01-03 00:10:00"], slices[2].Condition(key).Parameters);
        for (var i = 1; i < slices.Count; i++)
        {
            Assert.Equal(slices[i - 1].Below, slices[i].From);
        }
    }

    [Fact]
    public void Numbers_are_cut_at_whole_hours()
    {
        var key = new TimeKey("at", ColumnType.WholeNumber, 3600);
        Assert.Equal("(`at` - MOD(`at`, 3600))", key.Hour);
        var slices = SlicePlanner.Cut([["1699999200", "5"], ["1700002800", "5"]], "1700003000", 5);
        Assert.Equal([1700002800m], slices[0].Condition(key).Parameters);
    }

    [Fact]
    public void Rows_without_a_time_and_whole_tables_have_their_conditions()
    {
        var key = new TimeKey("at", ColumnType.Text, 3600);
        Assert.Equal("LEFT(`at`, 13)", key.Hour);
        Assert.Equal("`at` IS NULL", new Slice(3, null, null, null, true, 2).Condition(key).Where);
        Assert.Null(new Slice(0, null, null, null, false, 2).Condition(null).Where);
    }

    [Fact]
    public void The_time_columns_sql_is_what_both_servers_understand()
    {
        var key = new TimeKey("at", ColumnType.Time, 3600);
        Assert.Equal(
            "SELECT DATE_FORMAT(`at`, '%Y-%m-%d %H:00:00'), COUNT(*) FROM `b` WHERE `at` <= @0 GROUP BY "
            + "DATE_FORMAT(`at`, '%Y-%m-%d %H:00:00') ORDER BY DATE_FORMAT(`at`, '%Y-%m-%d %H:00:00')",
            key.Histogram("b"));
        Assert.Equal(
            "SELECT COUNT(*), COUNT(`at`), CAST(MIN(`at`) AS CHAR), CAST(MAX(`at`) AS CHAR) FROM `b`", key.Range("b"));
    }
}
