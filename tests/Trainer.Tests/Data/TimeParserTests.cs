using Trainer.Data.Mapping;

namespace Trainer.Tests.Data;

public class TimeParserTests
{
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
    [InlineData("auto", "2024-01-01T10:00:00+08:00", null)] // a dataset has one zone, none is converted
    [InlineData("auto", "2024-01-01T", null)]
    [InlineData("auto", " 2024-01-01", null)]
    [InlineData("auto", "1700000000", null)]
    [InlineData("auto", "", null)]
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
