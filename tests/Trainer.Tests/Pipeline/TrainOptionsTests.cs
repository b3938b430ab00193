using Engine;
using Trainer.Data.Running;
using Trainer.Models.Matrices;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

public class TrainOptionsTests
{
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-5)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e30)]
    public void Options_that_are_no_number_or_out_of_range_are_refused_before_any_work(double value)
    {
        var options = new TrainOptions { Dataset = "", Out = "" };
        options.Validate();
        Refused(options with { Weights = options.Weights with { HalfLifeDays = value } }, "--half-life");
        Refused(options with { TagWeight = value }, "--tag-weight");
        Refused(options with { AllowRejected = value }, "--allow-rejected");
        Refused(options with { HistoryHalfLifeDays = value }, "history half-life");
        Refused(options with { Weights = options.Weights with { View = (float)value } }, "behavior weight");
    }

    [Theory]
    [InlineData(1_050_000, 2048, 2030)]
    [InlineData(26_900_000, 64, 62)]
    public void Users_times_factors_beyond_an_array_are_refused_with_the_sizes(int users, int factors, int most)
    {
        var e = Assert.Throws<InputException>(() => FactorMatrix.CheckSize(users, factors, "users", extra: 2));
        Assert.Contains($"{users:N0} users with {factors:N0} factors", e.Message, StringComparison.Ordinal);
        Assert.Contains($"Give --factors {most} or fewer", e.Message, StringComparison.Ordinal);
        FactorMatrix.CheckSize(users, most, "users", extra: 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(4097)]
    public void Threads_out_of_range_are_refused(int threads)
    {
        new RunContext { Threads = 4096 }.Validate();
        Assert.StartsWith(
            $"--threads is {threads}: ",
            Assert.Throws<InputException>(new RunContext { Threads = threads }.Validate).Message,
            StringComparison.Ordinal);
    }

    private static void Refused(TrainOptions options, string words) =>
        Assert.StartsWith(words, Assert.Throws<InputException>(options.Validate).Message, StringComparison.Ordinal);
}
