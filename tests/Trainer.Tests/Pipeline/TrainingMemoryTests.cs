using System.Globalization;
using System.Text.RegularExpressions;
using Engine;
using Tests.Shared;
using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Pipeline;
using Trainer.Pipeline.Settings;

namespace Trainer.Tests.Pipeline;

/// <summary>A training that does not fit into memory is refused before it begins, with what would fit.</summary>
public partial class TrainingMemoryTests
{
    private static readonly DatasetSize Large = new(100_000_000, 5_000_000, 200_000);

    [Fact]
    public void What_fits_is_not_refused() =>
        TrainingMemory.Require(Large, 64, TrainingMemory.Estimate(Large, 64));

    [Fact]
    public void As_many_behaviors_as_a_refusal_names_fit()
    {
        const long Available = 4_000_000_000;
        var message = Assert.Throws<InputException>(() => TrainingMemory.Require(Large, 64, Available)).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Contains("100,000,000 behaviors of 5,000,000 users", message, StringComparison.Ordinal);
        var named = long.Parse(
            NamedBehaviors().Match(message).Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(named, 1, Large.Behaviors - 1);
        TrainingMemory.Require(Scaled(named), 64, Available);
        Assert.Throws<InputException>(() => TrainingMemory.Require(Scaled(named * 6 / 5), 64, Available));

        static DatasetSize Scaled(long behaviors) => Large with
        {
            Behaviors = behaviors,
            Users = (int)(Large.Users * behaviors / Large.Behaviors),
        };
    }

    [Fact]
    public void Factors_that_a_refusal_names_fit()
    {
        var available = TrainingMemory.Estimate(Large, 128);
        var message = Assert.Throws<InputException>(() => TrainingMemory.Require(Large, 256, available)).Message;
        Assert.Contains("--factors 128", message, StringComparison.Ordinal);
        TrainingMemory.Require(Large, 128, available);
        Assert.Throws<InputException>(() => TrainingMemory.Require(Large, 144, available));
    }

    [Fact]
    public void A_training_beyond_its_limit_ends_before_it_writes_anything()
    {
        using var folder = new TemporaryFolder();
        var options = new TrainOptions { Dataset = TinyBrand.Write(folder), Out = folder.File("out") };
        var message = Assert.Throws<InputException>(
            () => TrainingPipeline.Run(options, new RunContext { Memory = 1_000_000 })).Message;
        Assert.Contains("GB are available", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(options.Out));
    }

    [GeneratedRegex("About ([0-9,]+) behaviors fit")]
    private static partial Regex NamedBehaviors();
}
