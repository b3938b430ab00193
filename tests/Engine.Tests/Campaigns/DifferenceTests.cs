using Engine.Campaigns.Statistics;

namespace Engine.Tests.Campaigns;

/// <summary>The intervals and tests against published figures and plain counting.</summary>
public sealed class DifferenceTests
{
    /// <summary>Newcombe, Statistics in Medicine 17 (1998), table II, method 10.</summary>
    [Theory]
    [InlineData(56, 70, 48, 80, 0.0524, 0.3339)]
    [InlineData(9, 10, 3, 10, 0.1705, 0.8090)]
    public void The_interval_is_the_published_one(int hits, int of, int otherHits, int otherOf, double low, double high)
    {
        var found = ProportionDifference.Of(hits, of, otherHits, otherOf).Interval;
        Assert.Equal(low, found.Low, 4);
        Assert.Equal(high, found.High, 4);
    }

    [Theory]
    [InlineData(0, 1, 0, 1)]
    [InlineData(0, 20, 0, 5)]
    [InlineData(10, 10, 20, 20)]
    [InlineData(10, 10, 0, 20)]
    [InlineData(1, 1_000_000, 2_000, 3_000_000)]
    public void The_interval_holds_the_difference_and_stays_between_minus_one_and_one(
        long hits, long of, long otherHits, long otherOf)
    {
        var found = ProportionDifference.Of(hits, of, otherHits, otherOf);
        Assert.True(found.Interval.Low < found.Interval.High);
        Assert.True(found.Interval.Holds(found.Difference));
        Assert.InRange(found.Interval.Low, -1, 1);
        Assert.InRange(found.Interval.High, -1, 1);
        Assert.InRange(found.PValue, 0, 1);
    }

    /// <summary>The lady who tasted tea: 3 of 4 cups.</summary>
    [Fact]
    public void The_exact_test_is_fishers() => Assert.Equal(34 / 70.0, ProportionDifference.Of(3, 4, 1, 4).PValue, 10);

    [Theory]
    [InlineData(3, 8, 1, 9)]
    [InlineData(0, 5, 4, 6)]
    [InlineData(7, 7, 2, 4)]
    [InlineData(1, 2, 6, 12)]
    public void The_exact_test_equals_counting_every_draw(int hits, int of, int otherHits, int otherOf)
    {
        // Every way to draw the first group from all members, the first of whom are the buyers.
        var (all, buyers) = (of + otherOf, hits + otherHits);
        var ways = new long[buyers + 1];
        for (var draw = 0; draw < 1 << all; draw++)
        {
            if (int.PopCount(draw) == of)
            {
                ways[int.PopCount(draw & ((1 << buyers) - 1))]++;
            }
        }

        var expected = ways.Where(count => count <= ways[hits]).Sum() / (double)ways.Sum();
        Assert.Equal(expected, ProportionDifference.Of(hits, of, otherHits, otherOf).PValue, 9);
    }

    [Fact]
    public void The_difference_of_means_is_welchs()
    {
        // Welch's example A1 of the two-sample test: computed by hand from means, variances and the t quantile of its
        // degrees of freedom.
        double[] a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
        double[] b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.9];
        var found = MeanDifference.Of(Sample(a), Sample(b));
        Assert.Equal(a.Average() - b.Average(), found.Difference, 10);
        // t = -2.80, 27.9 degrees of freedom: 2.0487 standard errors on each side.
        var error = Math.Sqrt((Variance(a) / a.Length) + (Variance(b) / b.Length));
        Assert.Equal(found.Difference - (2.0487 * error), found.Interval.Low, 2);
        Assert.True(found.IsRandomized);
        Assert.InRange(found.PValue, 0.003, 0.02);
    }

    [Fact]
    public void Amounts_that_do_not_differ_are_within_chance()
    {
        var found = MeanDifference.Of(Sample([0, 0, 5, 10]), Sample([10, 5, 0, 0]));
        Assert.Equal(0, found.Difference);
        Assert.Equal(1, found.PValue);
        Assert.True(found.Interval.Holds(0));
        var nothing = MeanDifference.Of(Sample([0, 0]), Sample([0]));
        Assert.Equal((0, 0, 1), (nothing.Interval.Low, nothing.Interval.High, nothing.PValue));
    }

    private static Sample Sample(double[] amounts)
    {
        var sample = new Sample();
        foreach (var amount in amounts)
        {
            sample.Add(amount);
        }

        return sample;
    }

    private static double Variance(double[] values) =>
        values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1);
}
