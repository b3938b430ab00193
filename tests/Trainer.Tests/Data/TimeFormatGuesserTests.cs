using Trainer.Data.Init;
using Engine.Datasets.Mapping;
using Trainer.Data.Reading;

namespace Trainer.Tests.Data;

public class TimeFormatGuesserTests
{
    [Theory]
    [InlineData("auto", "2024-01-01", "2024-01-02T10:00:00")]
    [InlineData("auto", "2014-12-06 02", "2014-12-06 23")]
    [InlineData("auto", "2021-01-01 10:00:00 UTC", "2021-01-04 10:00:00 UTC")]
    [InlineData("auto", "2021-01-01T10:00:00.000+08:00", "2021-01-01 10:00:00+00")]
    [InlineData("auto", "2025/6/30 9:05", "2025/12/1 23:59:59")]
    [InlineData("auto", "2025年6月30日 9:05", "2025年6月30日 下午3:05")]
    [InlineData("auto", "30-Jun-2025", "Jun 30, 2025 9:05 AM")]
    [InlineData("auto", "20250630", "202506300905", "20250630090500")]
    [InlineData("unix_seconds", "1511544070", "1511561733")]
    [InlineData("unix_seconds", "1609747200.0", "1.6097472E9")]
    [InlineData("unix_milliseconds", "1511544070123", "1511561733456")]
    [InlineData("unix_microseconds", "1609747200000000", "1609747200000001")]
    [InlineData("unix_nanoseconds", "1609747200000000000")]
    [InlineData("excel_serial", "44197", "44197.375")]
    [InlineData("day_first", "01/02/2024 10:00", "25/02/2024 10:00")]
    [InlineData("day_first", "04-01-2021 08:00", "13-01-2021 08:00")]
    [InlineData("day_first", "1.2.24", "31.12.24")]
    [InlineData("month_first", "01/02/2024 10:00", "02/25/2024 10:00")]
    [InlineData("month_first", "1/4/2021", "1/13/2021")]
    [InlineData("month_first", "1/4/21 8:00", "1/13/21 8:00 PM")]
    [InlineData(null, "red", "blue")]
    [InlineData(null, "12345", "2024-01-01")]
    public void The_format_that_reads_all_values_is_taken(string? expected, params string[] values) =>
        Assert.Equal(expected, TimeFormatGuesser.Find(values).Format);

    [Theory]
    [InlineData("01/02/2024", "03/04/2024")]
    [InlineData("1/2/2024 9:05", "12/12/2024 9:05")]
    public void Dates_that_fit_two_orders_are_left_open(params string[] values)
    {
        var guess = TimeFormatGuesser.Find(values);
        Assert.Null(guess.Format);
        Assert.Equal(["day_first", "month_first"], guess.Also);
    }

    [Fact]
    public void One_contrary_typing_error_does_not_hide_the_order()
    {
        var values = Enumerable.Range(1, 31).Select(day => $"{day}/1/2024")
            .Concat(Enumerable.Range(1, 31).Select(day => $"{day}/3/2024")).ToList();
        values.AddRange(Enumerable.Range(1, 31).Select(day => $"{day}/5/2024"));
        Assert.Equal(
            ("day_first", "1/13/2024"),
            (
                TimeFormatGuesser.Find([.. values, "1/13/2024"]).Format,
                TimeFormatGuesser.Find([.. values, "1/13/2024"]).Unread));
    }

    [Theory]
    [InlineData("Add-To_Cart", BehaviorKind.Cart)]
    [InlineData("PV", BehaviorKind.View)]
    [InlineData("buy", BehaviorKind.Purchase)]
    [InlineData("Cancelled", BehaviorKind.Refund)]
    [InlineData("浏览", BehaviorKind.View)]
    [InlineData("收藏", BehaviorKind.Favorite)]
    [InlineData("加购", BehaviorKind.Cart)]
    [InlineData("购买", BehaviorKind.Purchase)]
    [InlineData("退款", BehaviorKind.Refund)]
    [InlineData("peek", null)]
    public void Type_words_are_known_in_any_spelling(string value, BehaviorKind? kind) =>
        Assert.Equal(kind, Words.Kind(value));
}
