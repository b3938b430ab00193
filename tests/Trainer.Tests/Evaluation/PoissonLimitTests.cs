using Trainer.Evaluation.Calibration;

namespace Trainer.Tests.Evaluation;

public class PoissonLimitTests
{
    [Fact]
    public void Large_counts_can_be_forecast_and_small_ones_cannot()
    {
        // At a rate of 10,000 a tenth is ten standard deviations; at 400 two: Phi gives about .954.
        Assert.Equal(1, PoissonLimit.Within([10_000], 100, 0.1), 6);
        Assert.Equal(0.954, PoissonLimit.Within([400], 100, 0.1), 2);
        Assert.Equal(0, PoissonLimit.Within([], 100, 0.1));
    }

    [Fact]
    public void It_is_what_drawn_counts_show()
    {
        var random = new Random(3);
        int[] rates = [100, 120, 150, 200];
        var (within, all) = (new int[4], new int[4]);
        for (var n = 0; n < 80_000; n++)
        {
            var rate = rates[n % 4];
            var (count, time) = (0, 0.0);
            while ((time += -Math.Log(1 - random.NextDouble()) / rate) < 1)
            {
                count++;
            }

            all[n % 4] += count >= 100 ? 1 : 0;
            within[n % 4] += count >= 100 && Math.Abs(rate - count) <= 0.1 * count ? 1 : 0;
        }

        Assert.Equal(within.Zip(all, (w, n) => (double)w / n).Average(), PoissonLimit.Within(rates, 100, 0.1), 0.01);
    }
}
