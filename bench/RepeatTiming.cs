using Engine.Snapshots.Manifest;
using Trainer.Data.Scoping;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;

namespace Bench;

/// <summary>
/// The chance that a purchaser comes back to a product within N days by the modified Poisson-Gamma model of Bhagat et al. (KDD
/// 2018): P = r_i [1 - ((b_i + t) / (b_i + t + N))^(a_i + k)] for k purchases after the first, t days ago. r_i is the shrunk
/// share of purchasers who came back; (a_i, b_i) maximise the likelihood of the counts of those who did, a negative
/// binomial cut at 0, on a grid, together with 20 purchasers of the catalogue's mean.
/// </summary>
internal sealed class RepeatTiming
{
    private const double PriorPurchasers = 20;

    private static readonly double[] Shapes = [0.25, 0.5, 1, 2, 4, 8, 16, 32];
    private static readonly double[] Gaps = [.. Enumerable.Range(0, 24).Select(step => 3 * Math.Pow(1.28, step))];

    private readonly float[] _rates;
    private readonly (double A, double B)[] _terms;

    private RepeatTiming(float[] rates, (double A, double B)[] terms) => (_rates, _terms) = (rates, terms);

    /// <summary>Fits every product of a scope.</summary>
    public static RepeatTiming Fit(ScopedDataset scoped)
    {
        var byProduct = new List<(int Repeats, int Days)>[scoped.ProductCount];
        for (var user = 0; user < scoped.UserCount; user++)
        {
            foreach (var (product, (repeats, days)) in Of(scoped, user))
            {
                if (repeats > 0)
                {
                    (byProduct[product] ??= []).Add((repeats, days));
                }
            }
        }

        var (all, count) = (new double[Shapes.Length * Gaps.Length], Math.Max(1.0, byProduct.Sum(list => list?.Count ?? 0)));
        var likelihoods = Array.ConvertAll(byProduct, list => Likelihoods(list ?? []));
        foreach (var likelihood in likelihoods)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(all, likelihood, all);
        }

        var terms = Array.ConvertAll(likelihoods, own =>
        {
            var best = Enumerable.Range(0, own.Length).MaxBy(n => own[n] + (all[n] * PriorPurchasers / count));
            return (Shapes[best / Gaps.Length], Shapes[best / Gaps.Length] * Gaps[best % Gaps.Length]);
        });
        return new RepeatTiming(RepeatRate.Estimate(Interactions.PurchaseCounts(scoped)), terms);
    }

    /// <summary>For each product that a user purchased: the days of purchase after the first, and days since the first.</summary>
    public static Dictionary<int, (int Repeats, int Days)> Of(ScopedDataset scoped, int user)
    {
        var found = new Dictionary<int, (int Repeats, int Days)>();
        var last = -1;
        for (var e = scoped.Offsets[user]; e < scoped.Offsets[user + 1]; e++)
        {
            if (scoped.Types[e] != BehaviorType.Purchase)
            {
                continue;
            }

            var known = found.TryGetValue(scoped.Products[e], out var pair);
            found[scoped.Products[e]] = !known ? (0, scoped.LastDay - scoped.Days[e]) : scoped.Days[e] == last ? pair : (pair.Repeats + 1, pair.Days);
            last = scoped.Days[e];
        }

        return found;
    }

    /// <summary>The chance.</summary>
    public double Chance(int product, int repeats, int days, int window)
    {
        var (a, b) = _terms[product];
        return _rates[product] * (1 - Math.Pow((b + days) / (b + days + window), a + repeats));
    }

    private static double[] Likelihoods(List<(int Repeats, int Days)> purchasers) =>
    [
        .. from a in Shapes
           from gap in Gaps
           select purchasers.Sum(purchaser => LogLikelihood(a, a * gap, purchaser.Repeats, purchaser.Days)),
    ];

    // log P(k | k > 0) of the negative binomial: Gamma(a + k) / (Gamma(a) k!) (b / (b + t))^a (t / (b + t))^k.
    private static double LogLikelihood(double a, double b, int k, int t)
    {
        var sum = 0.0;
        for (var j = 0; j < k; j++)
        {
            sum += Math.Log((a + j) / (j + 1));
        }

        var none = a * Math.Log(b / (b + t));
        return sum + none + (k * Math.Log(t / (b + t))) - Math.Log(1 - Math.Exp(none));
    }
}
