using Trainer.Data.Init;
using Trainer.Data.Mapping;

namespace Trainer.Tests.Data;

public class TimeFormatGuesserTests
{
    [Theory]
    [InlineData("auto", "2024-01-01", "2024-01-02T10:00:00")]
    [InlineData("yyyy-MM-dd HH", "2014-12-06 02", "2014-12-06 23")]
    [InlineData("unix_seconds", "1511544070", "1511561733")]
    [InlineData("unix_milliseconds", "1511544070123", "1511561733456")]
    [InlineData("dd/MM/yyyy HH:mm", "01/02/2024 10:00", "25/02/2024 10:00")]
    [InlineData("MM/dd/yyyy HH:mm", "01/02/2024 10:00", "02/25/2024 10:00")]
    [InlineData(null, "red", "blue")]
    [InlineData(null, "12345", "2024-01-01")]
    public void The_format_that_reads_all_values_is_taken(string? expected, params string[] values)
    {
        var column = new ColumnProfile("time");
        Array.ForEach(values, value => column.Add(value));
        Assert.Equal(expected, TimeFormatGuesser.Find(column));
    }

    [Theory]
    [InlineData("Add-To_Cart", BehaviorKind.Cart)]
    [InlineData("PV", BehaviorKind.View)]
    [InlineData("buy", BehaviorKind.Purchase)]
    [InlineData("Cancelled", BehaviorKind.Refund)]
    [InlineData("login", null)]
    public void Type_words_are_known_in_any_spelling(string value, BehaviorKind? kind) => Assert.Equal(kind, Words.Kind(value));
}
