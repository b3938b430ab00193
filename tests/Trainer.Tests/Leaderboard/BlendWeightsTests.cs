using Trainer.Data.Running;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;

namespace Trainer.Tests.Leaderboard;

/// <summary>Weights of a sum begin as one, and move where validation is sure.</summary>
public class BlendWeightsTests
{
    private static readonly ModelPart Good = new() { Als = new AlsOptions { Factors = 16, Epochs = 6 } };

    [Fact]
    public void Parts_that_say_the_same_keep_one_weight()
    {
        var weights = Weights(Good, Good, Good);
        var before = weights.Settings;
        weights.Learn();
        Assert.Equal(3, weights.Count);
        Assert.Equal(before.Parts, weights.Settings.Parts);
    }

    [Fact]
    public void A_part_that_is_noise_loses_weight_and_the_value_rises()
    {
        // So strongly regularized that what is left are the first, drawn factors.
        var noise = new ModelPart { Als = new AlsOptions { Factors = 16, Epochs = 1, Regularization = 1e6 } };
        var weights = Weights(Good, noise);
        var (value, before) = (weights.Value, weights.Settings.Parts);
        weights.Learn();
        var after = weights.Settings.Parts;
        Assert.True(weights.Value > value, $"{value} -> {weights.Value}");
        Assert.True(after[1].Weight / after[0].Weight <= before[1].Weight / before[0].Weight / 2);
    }

    private static BlendWeights Weights(params ModelPart[] parts)
    {
        var run = new RunContext { Threads = 2 };
        var train = MadeSplit.Of(users: 400, items: 120, length: 20, sessions: false, seed: 3).Train;
        var split = ValidationSplit.OfFold(train, 5, int.MaxValue);
        GramCache[] grams = [new(split.Fit)];
        FittedPart[] fitted = [.. parts.Select(part => FittedPart.Fit(split, part, grams, run))];
        var pool = new BlendPool(split, fitted, 20, run);
        return new BlendWeights(pool, [.. fitted.Select(part => (part, pool.Score(part)))]);
    }
}
