using CsCheck;
using Trainer.Evaluation.Metrics;
using Trainer.Models.Regression;

namespace Trainer.Tests.Evaluation;

public class MetricTests
{
    [Fact]
    public void List_figures_of_an_example_worked_by_hand()
    {
        // Hits at ranks 1 and 3 of 4; 3 to find.
        var metrics = ListMetrics.Of([7, 1, 5, 2], [5, 6, 7], 4);
        Assert.Equal(2.0 / 3, metrics.Recall, 12);
        Assert.Equal(2.0 / 2, ListMetrics.Of([7, 5], [5, 6, 7], 2).RecallOfPossible, 12);
        Assert.Equal(0.5, metrics.Precision, 12);
        Assert.Equal((1 + 0.5) / (1 + (1 / Math.Log2(3)) + 0.5), metrics.Ndcg, 12);
        Assert.Equal((1 + (2.0 / 3)) / 3, metrics.Map, 12);
        Assert.Equal(1, metrics.Hit);
    }

    [Fact]
    public void The_curve_of_users_is_the_plain_count_of_pairs() =>
        Gen.Select(Gen.Int[0, 6], Gen.Bool).Array[2, 40].Where(
            rows => rows.Any(row => row.Item2) && rows.Any(row => !row.Item2)).Sample(rows =>
        {
            var curve = UserCurve.Of([.. rows.Select(row => (float)row.Item1)], [.. rows.Select(row => row.Item2)]);
            var pairs =
                from buyer in rows
                where buyer.Item2
                from other in rows
                where !other.Item2
                select buyer.Item1.CompareTo(other.Item1);
            Assert.Equal(pairs.Average(order => (order + 1) / 2.0), curve.Auc, 9);
            Assert.Equal(rows.Count(row => row.Item2), curve.Captured[^1], 9);
            Assert.Equal(curve.Captured.Order(), curve.Captured);
        });

    [Fact]
    public void An_interval_holds_the_mean_and_narrows_with_more_users()
    {
        var random = new Random(3);
        var few = Enumerable.Range(0, 50).Select(_ => random.NextDouble()).ToArray();
        var many = Enumerable.Range(0, 5000).Select(_ => random.NextDouble()).ToArray();
        Assert.InRange(few.Average(), Bootstrap.Interval(few)[0], Bootstrap.Interval(few)[1]);
        Assert.Equal(Bootstrap.Interval(few), Bootstrap.Interval(few));
        var width = Bootstrap.Interval(many)[1] - Bootstrap.Interval(many)[0];

        // 1.96 standard errors on either side: sqrt(1/12/5000) = .0041.
        Assert.InRange(width, 0.012, 0.020);
    }

    [Theory]
    [InlineData(Link.Logit)]
    [InlineData(Link.ComplementaryLogLog)]
    public void A_regression_finds_the_weights_that_made_the_labels(Link link)
    {
        var random = new Random(5);
        var sample = new PairSample(3);
        for (var n = 0; n < 60_000; n++)
        {
            float[] row = [(float)random.NextDouble(), (float)random.NextDouble(), 4];
            var eta = (2 * row[0]) - (3 * row[1]) - 1;
            var p = link == Link.Logit ? 1 / (1 + Math.Exp(-eta)) : 1 - Math.Exp(-Math.Exp(eta));
            var label = random.NextDouble() < p;

            // Every second "no" is dropped and the others stand for two.
            if (label || n % 2 == 0)
            {
                sample.Add(row, label, label ? 1 : 2);
            }
        }

        var one = BinaryRegression.Fit(sample, link, 0, [0, 1, 2], new() { Threads = 1 });
        Assert.Equal(2, one.Weights[0], 0.15);
        Assert.Equal(-3, one.Weights[1], 0.15);
        Assert.Equal(-1, one.Constant + (4 * one.Weights[2]), 0.15);
        var two = BinaryRegression.Fit(sample, link, 0, [0, 1, 2], new() { Threads = 2 });
        Assert.Equal(one.Weights, two.Weights);
        Assert.Equal(one.Constant, two.Constant);
    }
}
