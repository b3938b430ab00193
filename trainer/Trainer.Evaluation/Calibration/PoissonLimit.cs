namespace Trainer.Evaluation.Calibration;

/// <summary>
/// The accuracy that no forecast can exceed: purchasers of a product in a window are at best a Poisson count, so a
/// forecast of its true rate is often off by more than a tenth when counts are a few hundred.
/// </summary>
public static class PoissonLimit
{
    /// <summary>
    /// The expected share of products whose rate lies within <paramref name="part"/> of their count, among counts of at
    /// least <paramref name="least"/>, if the observed counts were the true rates: mean over them of P(|rate - X| &lt;=
    /// part X | X &gt;= least).
    /// </summary>
    public static double Within(IReadOnlyCollection<int> counts, int least, double part)
    {
        var sum = 0.0;
        foreach (var rate in counts)
        {
            double within = 0, all = 0;
            var last = rate + (12 * Math.Sqrt(rate)) + 20;
            var log = -(double)rate;
            for (var x = 1; x <= last; x++)
            {
                log += Math.Log((double)rate / x);
                if (x >= least)
                {
                    all += Math.Exp(log);
                    within += Math.Abs(rate - x) <= part * x ? Math.Exp(log) : 0;
                }
            }

            sum += all > 0 ? within / all : 0;
        }

        return counts.Count == 0 ? 0 : sum / counts.Count;
    }
}
