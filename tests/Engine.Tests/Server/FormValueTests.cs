using Engine.WebConsole.Calls;
using Engine.WebConsole.Screens;
using Grpc.Core;

namespace Engine.Tests.Server;

public class FormValueTests
{
    [Theory]
    [InlineData("-4.5", -4.5)]
    [InlineData("1e3", 1000)]
    [InlineData(" 2 ", 2)]
    public void A_number_has_a_decimal_point(string text, double number) =>
        Assert.Equal(number, FormValue.Decimal("least_score", text));

    [Theory]
    [InlineData("-4,5")] // -45 to a parser that takes commas for thousands separators
    [InlineData("1,000")]
    [InlineData("NaN")]
    [InlineData("")]
    public void Anything_else_is_refused(string text)
    {
        var error = Assert.Throws<RpcException>(() => FormValue.Decimal("least_score", text));
        Assert.Contains($"found least_score = '{text}'", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_percentage_has_a_decimal_point()
    {
        Assert.Equal(0.025, new TaskForm { BaseRate = "2.5", Lift = "1" }.Plan(1000)!.BaseRate);
        Assert.Throws<RpcException>(() => new TaskForm { BaseRate = "2,5", Lift = "1" }.Plan(1000));
    }
}
