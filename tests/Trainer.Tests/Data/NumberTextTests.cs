using Engine.Datasets.Behaviors;

namespace Trainer.Tests.Data;

public class NumberTextTests
{
    [Theory]
    [InlineData("12.5", false, 12.5)]
    [InlineData("-1e3", false, -1000.0)]
    [InlineData("1,451.78", false, 1451.78)]
    [InlineData("1,234,567", false, 1234567.0)]
    [InlineData("¥1,234.50", false, 1234.5)]
    [InlineData("$ -5", false, -5.0)]
    [InlineData("-$5", false, -5.0)]
    [InlineData("12.80元", false, 12.8)]
    [InlineData("9.90 USD", false, 9.9)]
    [InlineData("1 234.5", false, 1234.5)]
    [InlineData("1,23", false, null)]
    [InlineData("12,34,567", false, null)]
    [InlineData("1,234,56", false, null)]
    [InlineData("1.2.3", false, null)]
    [InlineData("$", false, null)]
    [InlineData("cheap", false, null)]
    [InlineData("", false, null)]
    [InlineData("1.234,56", true, 1234.56)]
    [InlineData("12,5 €", true, 12.5)]
    [InlineData("1.234", true, 1234.0)]
    [InlineData("12.5", true, null)]
    [InlineData("0,250", false, null)] // a quarter, and not 250
    [InlineData("0.250", true, null)]
    [InlineData("-0,250 €", false, null)]
    public void Reads_numbers_as_tables_write_them(string text, bool decimalComma, double? expected)
    {
        var read = NumberText.TryParse(text, decimalComma, out double value);
        Assert.Equal(expected, read ? value : null);
        Assert.Equal(
            expected is null ? null : (decimal)expected,
            NumberText.TryParse(text, decimalComma, out decimal exact) ? exact : (decimal?)null);
    }
}
