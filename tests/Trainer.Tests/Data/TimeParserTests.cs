using Engine;
using Engine.Datasets.Mapping;

namespace Trainer.Tests.Data;

public class TimeParserTests
{
    [Theory]
    [InlineData("dd/mm/yyyy")]
    [InlineData("yyyy-mm-dd HH:mm")]
    [InlineData("yy.dd")]
    public void A_format_without_a_month_is_refused(string format) =>
        Assert.Contains("no month", Assert.Throws<InputException>(() => TimeParser.For(format)).Message);

    [Theory]
    [InlineData("2021-12-31", "2021-12-31T23:59:59.9999999")]
    [InlineData("20211231", "2021-12-31T23:59:59.9999999")]
    [InlineData("9999-12-31", "9999-12-31T23:59:59.9999999")]
    [InlineData("2021-12-31T00:00:00", "2021-12-31T00:00:00.0000000")]
    [InlineData("2021-12-31 15:30", "2021-12-31T15:30:00.0000000")]
    public void A_latest_time_that_is_a_day_takes_all_of_it(string latest, string last)
    {
        var table = new BehaviorTable { UserId = "u", ProductId = "p", Time = "t", LatestTime = latest };
        Assert.Equal(last, table.LatestMoment()?.ToString("O"));
    }

    [Theory]
    [InlineData("auto", "2024-02-29", "2024-02-29T00:00:00.0000000")]
    [InlineData("auto", "2024-02-29T23:59:59", "2024-02-29T23:59:59.0000000")]
    [InlineData("auto", "2024-02-29 23:59", "2024-02-29T23:59:00.0000000")]
    [InlineData("auto", "2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.5000000")]
    [InlineData("auto", "2024-02-29T23:59:59.123456789", "2024-02-29T23:59:59.1234567")]
    [InlineData("auto", "20240229", "2024-02-29T00:00:00.0000000")]
    [InlineData("auto", "2024/2/9 7:05", "2024-02-09T07:05:00.0000000")]
    [InlineData("auto", "2023-02-29", null)]
    [InlineData("auto", "2024-13-01", null)]
    [InlineData("auto", "2024-01-01T24:00:00", null)]
    [InlineData("auto", "2024-01-01T10:60", null)]
    [InlineData("auto", "2024-01-01T10:00:60", null)]
    // a dataset has one zone, none is converted
    [InlineData("auto", "2024-01-01T10:00:00+08:00", "2024-01-01T10:00:00.0000000")]
    [InlineData("auto", "2024-01-01T", null)]
    [InlineData("auto", " 2024-01-01", null)]
    [InlineData("auto", "1700000000", null)]
    [InlineData("auto", "", null)]
    [InlineData("auto", "2024-01-01 10:00:00 UTC", "2024-01-01T10:00:00.0000000")]
    [InlineData("auto", "2024-01-01 23:30:00-05", "2024-01-01T23:30:00.0000000")]
    [InlineData("auto", "2024-01-01 10:00:00.123456+0530", "2024-01-01T10:00:00.1234560")]
    [InlineData("auto", "2024-01-01 10:00:00+99:00", null)]
    [InlineData("auto", "2024-01-01 10:00:00 XYZ", null)]
    [InlineData("auto", "2024-01-01 10:", null)]
    [InlineData("auto", "2025/6/30 9:05", "2025-06-30T09:05:00.0000000")]
    [InlineData("auto", "2025/6/30 9:05:07 PM", "2025-06-30T21:05:07.0000000")]
    [InlineData("auto", "2025/6/30 12:05 AM", "2025-06-30T00:05:00.0000000")]
    [InlineData("auto", "2025/6/30 下午 12:05", "2025-06-30T12:05:00.0000000")]
    [InlineData("auto", "2025年6月30日 9时05分", "2025-06-30T09:05:00.0000000")]
    [InlineData("auto", "2025年6月30日", "2025-06-30T00:00:00.0000000")]
    [InlineData("auto", "20240229T235959", "2024-02-29T23:59:59.0000000")]
    [InlineData("auto", "2024022923", "2024-02-29T23:00:00.0000000")]
    [InlineData("auto", "Mon, 30 Jun 2025 09:05:00 GMT", "2025-06-30T09:05:00.0000000")]
    [InlineData("auto", "30/06/2025", null)]
    [InlineData("day_first", "4/1/2021 8:00", "2021-01-04T08:00:00.0000000")]
    [InlineData("day_first", "30.06.99", "1999-06-30T00:00:00.0000000")]
    [InlineData("day_first", "1/13/2021", null)]
    [InlineData("day_first", "2021-01-04", "2021-01-04T00:00:00.0000000")]
    [InlineData("month_first", "1/4/21 8:00 PM", "2021-01-04T20:00:00.0000000")]
    [InlineData("month_first", "13/1/2021", null)]
    [InlineData("year_first", "21/1/4", "2021-01-04T00:00:00.0000000")]
    [InlineData("unix_microseconds", "1609747200000001", "2021-01-04T08:00:00.0000010")]
    [InlineData("unix_nanoseconds", "1609747200000000100", "2021-01-04T08:00:00.0000001")]
    [InlineData("unix_seconds", "1.6097472E9", "2021-01-04T08:00:00.0000000")]
    [InlineData("excel_serial", "44200.3333333333", "2021-01-04T08:00:00.0000000")]
    [InlineData("excel_serial", "44200", "2021-01-04T00:00:00.0000000")]
    [InlineData("yyyy-MM-dd HH:mm:ss zzz", "2024-01-01 10:00:00 -07:00", "2024-01-01T10:00:00.0000000")]
    [InlineData("yyyy-MM-ddTHH:mm:ssK", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00.0000000")]
    [InlineData("unix_seconds", "1700000000", "2023-11-14T22:13:20.0000000")]
    [InlineData("unix_seconds", "1700000000.25", "2023-11-14T22:13:20.2500000")]
    [InlineData("unix_seconds", "99999999999999999999", null)]
    [InlineData("unix_milliseconds", "1700000000123", "2023-11-14T22:13:20.1230000")]
    [InlineData("dd/MM/yyyy HH:mm", "29/02/2024 07:05", "2024-02-29T07:05:00.0000000")]
    [InlineData("dd/MM/yyyy HH:mm", "02/29/2024 07:05", null)]
    public void Reads_times_as_they_are_written(string format, string text, string? expected)
    {
        var read = TimeParser.For(format).TryParse(text, out var time);
        Assert.Equal(expected, read ? time.ToString("O") : null);
    }
}
