using CsCheck;
using Engine.Snapshots.Manifest;
using Trainer.Evaluation.Calibration;

namespace Trainer.Tests.Evaluation;

public class CalibrationTests
{
    [Fact]
    public void Isotonic_blocks_pool_what_descends_and_lie_at_their_centres()
    {
        // Shares 0, 0, 1, 0, 1 by score: the first two are one block, the third descends into the fourth. The base rate
        // joins each.
        var terms = IsotonicFit.Fit(
        [
            new(0, 2, false), new(1, 1, false), new(2, 1, true), new(3, 2, false), new(4, 1, true),
        ]);
        Assert.Equal([1f / 3, 8f / 3, 4f], terms.Scores);
        const double Share = 2.0 / 7;
        double[] expected = [Share / 4, (1 + Share) / 4, (1 + Share) / 2];
        Assert.All(expected.Zip(terms.Probabilities), pair => Assert.Equal(pair.First, pair.Second, 12));
    }

    [Fact]
    public void Isotonic_probabilities_ascend_and_are_never_0_unless_nothing_was_purchased() => Gen.Select(
        Gen.Int[0, 20], Gen.Bool).Array[1, 60].Sample(rows =>
    {
        var pairs = rows.Select(row => new ScoredLabel(row.Item1, 1, row.Item2)).OrderBy(pair => pair.Score).ToArray();
        var terms = IsotonicFit.Fit(pairs);
        Assert.True(terms.IsSound);
        Assert.All(terms.Probabilities, p => Assert.True(p is >= 0 and <= 1 && p > 0 == rows.Any(row => row.Item2)));
    });

    [Fact]
    public void Few_purchases_give_no_probability_and_some_give_two_parameters()
    {
        var random = new Random(1);
        ScoredLabel[] Draw(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())
                .Select(score => new ScoredLabel(score, 1, random.NextDouble() < score / 2))];
        Assert.Null(Calibrator.Fit(Draw(50), new()).Probability(0.5f));
        var platt = Calibrator.Fit(Draw(2000), new());
        Assert.Equal("platt", platt.Method);
        Assert.InRange(platt.Probability(0.5f)!.Value, 0.2, 0.32);
        var isotonic = Calibrator.Fit(Draw(20_000), new());
        Assert.Equal("isotonic", isotonic.Method);
        Assert.InRange(isotonic.Probability(0.5f)!.Value, 0.2, 0.3);
        Assert.InRange(isotonic.Probability(0.9f)!.Value, 0.38, 0.52);
    }

    [Fact]
    public void Probabilities_grow_with_the_horizon_at_every_score()
    {
        var month = new CalibrationTerms { Method = "isotonic", Scores = [-3, 0, 2], Probabilities = [0, 0.2, 0.9] };
        var horizons = Array.ConvertAll((int[])[15, 30, 60, 90], days => Calibrator.ForHorizon(month, days, 0.8));
        for (var score = -2.9f; score < 4; score += 0.1f)
        {
            var p = Array.ConvertAll(horizons, terms => terms.Probability(score)!.Value);
            Assert.Equal(p.Order(), p);
            Assert.Equal(4, p.Distinct().Count());
        }

        Assert.Equal(0.2, horizons[1].Probability(0)!.Value, 12);
    }

    [Fact]
    public void A_percentile_is_the_share_of_users_at_or_below()
    {
        var scores = Enumerable.Range(0, 1001).Select(i => (float)i).ToArray();
        var quantiles = new float[ScoreQuantiles.Count];
        ScoreQuantiles.Summarize(scores, quantiles);
        Assert.Equal(0, ScoreQuantiles.Place(quantiles, -1, 1001).Percentile);
        Assert.Equal(100, ScoreQuantiles.Place(quantiles, 2000, 1001).Percentile);
        foreach (var score in (int[])[3, 15, 77, 500, 955, 985, 999])
        {
            Assert.Equal(100f * (score + 1) / 1001, ScoreQuantiles.Place(quantiles, score, 1001).Percentile, 0.5f);
        }

        // Of so few users every one is stored: the share is exact, ties and all.
        ScoreQuantiles.Summarize([.. Enumerable.Repeat(1f, 50), .. Enumerable.Repeat(2f, 50)], quantiles);
        Assert.Equal(100, ScoreQuantiles.Place(quantiles, 2, 100).Percentile);
        Assert.Equal(50, ScoreQuantiles.Place(quantiles, 1, 100).Percentile);
        Assert.Equal(0, ScoreQuantiles.Place(quantiles, 0.5f, 100).Percentile);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1000)]
    [InlineData(5000)]
    public void The_true_share_lies_within_the_stated_error_whatever_ties_and_skew(int users)
    {
        var random = new Random(users);
        var shapes = new Func<int, float>[]
        {
            _ => (float)random.NextDouble(),
            _ => MathF.Exp(20 * (float)random.NextDouble()),
            _ => random.Next(10) < 6 ? 0 : (float)random.NextDouble(),
            _ => random.Next(4),
            _ => random.Next(100) == 0 ? 1e6f : -1,
            n => n % 3 == 0 ? 0.25f : MathF.Pow((float)random.NextDouble(), 9),
            _ => 7,
        };
        var quantiles = new float[ScoreQuantiles.Count];
        foreach (var shape in shapes)
        {
            var scores = Enumerable.Range(0, users).Select(shape).Order().ToArray();
            ScoreQuantiles.Summarize(scores, quantiles);
            foreach (var score in scores.Distinct().Concat([scores[0] - 1, scores[^1] + 1]))
            {
                var exact = 100.0 * scores.Count(other => other <= score) / users;
                var (percentile, error) = ScoreQuantiles.Place(quantiles, score, users);
                Assert.True(
                    Math.Abs(exact - percentile) <= error, $"score {score}: {percentile} +- {error}, exactly {exact}");
                Assert.InRange(error, 0, 0.5f);
            }
        }
    }
}
