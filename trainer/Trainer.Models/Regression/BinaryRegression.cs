using Trainer.Data.Running;
using Trainer.Models.Matrices;

namespace Trainer.Models.Regression;

/// <summary>How a linear predictor eta becomes a probability.</summary>
public enum Link
{
    /// <summary>1 / (1 + exp(-eta)).</summary>
    Logit,

    /// <summary>1 - exp(-exp(eta)): at least one event of a Poisson process of rate exp(eta).</summary>
    ComplementaryLogLog,
}

/// <summary>
/// A generalized linear model of yes and no, fitted by Fisher scoring (McCullagh and Nelder, ch. 4) with a small ridge
/// on the standardized weights. Sums are taken in fixed pieces, so that the fit does not depend on the number of
/// threads.
/// </summary>
public sealed class BinaryRegression
{
    private const int RowsPerPiece = 4096;
    private const int MostSteps = 40;

    private readonly PairSample _sample;
    private readonly Link _link;
    private readonly double _ridge;
    private readonly int[] _used;
    private readonly RunContext _run;
    private readonly double[] _mean;
    private readonly double[] _scale;
    private readonly double _total;

    private BinaryRegression(PairSample sample, Link link, double ridge, int[] used, RunContext run)
    {
        _sample = sample;
        _link = link;
        _ridge = ridge;
        _used = used;
        _run = run;
        (_mean, _scale, _total) = Standardize();
    }

    /// <summary>Fits; minimizes mean negative log-likelihood + ridge |standardized weights|^2.</summary>
    /// <param name="sample">The rows.</param>
    /// <param name="link">From predictor to probability.</param>
    /// <param name="ridge">At least 0.</param>
    /// <param name="used">The features that are fitted; the others get weight 0.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <returns>One weight a feature, and the constant.</returns>
    public static (double[] Weights, double Constant) Fit(
        PairSample sample, Link link, double ridge, int[] used, RunContext run) =>
        new BinaryRegression(sample, link, ridge, used, run).Fit();

    /// <summary>
    /// The probability and, for scoring, its derivative's parts: d log-likelihood / d eta and the Fisher weight.
    /// </summary>
    internal static (double LogLikelihood, double Slope, double Information) Terms(Link link, double eta, bool label)
    {
        if (link == Link.Logit)
        {
            var p = 1 / (1 + Math.Exp(-eta));
            var log = label ? -Softplus(-eta) : -Softplus(eta);
            return (log, (label ? 1 : 0) - p, p * (1 - p));
        }

        // Beyond these limits the probability is 0 or 1 in double precision.
        var rate = Math.Exp(Math.Clamp(eta, -35, 3.5));
        var chance = -double.ExpM1(-rate);
        return (label
            ? Math.Log(chance)
            : -rate, ((label ? 1 : 0) - chance) * rate / chance, rate * rate * Math.Exp(-rate) / chance);
    }

    private static double Softplus(double x) => x > 0 ? x + double.LogP1(Math.Exp(-x)) : double.LogP1(Math.Exp(x));

    private (double[] Weights, double Constant) Fit()
    {
        var size = _used.Length + 1;
        var beta = new double[size];
        var positives = 0.0;
        for (var row = 0; row < _sample.Count; row++)
        {
            positives += _sample.Label(row) ? _sample.Weight(row) : 0;
        }

        var share = Math.Clamp(positives / _total, 1e-9, 0.5);
        beta[^1] = _link == Link.Logit ? Math.Log(share / (1 - share)) : Math.Log(-double.LogP1(-share));
        var best = Sums(beta);
        for (var step = 0; step < MostSteps; step++)
        {
            var move = DenseSystem.Solve(best.Information, best.Gradient);
            var next = best;
            var candidate = beta;
            for (var part = 1.0; part > 1e-6; part /= 2)
            {
                candidate = [.. beta.Select((b, k) => b + (part * move[k]))];
                next = Sums(candidate);
                if (next.Objective >= best.Objective)
                {
                    break;
                }
            }

            var gain = next.Objective - best.Objective;
            if (!(gain > 0))
            {
                break;
            }

            (beta, best) = (candidate, next);
            if (gain < 1e-10 * Math.Abs(best.Objective))
            {
                break;
            }
        }

        return Unstandardize(beta);
    }

    private (double[] Weights, double Constant) Unstandardize(double[] beta)
    {
        var weights = new double[_sample.Features];
        var constant = beta[^1];
        for (var k = 0; k < _used.Length; k++)
        {
            weights[_used[k]] = beta[k] / _scale[k];
            constant -= weights[_used[k]] * _mean[k];
        }

        return (weights, constant);
    }

    private (double[] Mean, double[] Scale, double Total) Standardize()
    {
        var mean = new double[_used.Length];
        var square = new double[_used.Length];
        var total = 0.0;
        for (var row = 0; row < _sample.Count; row++)
        {
            var values = _sample.Row(row);
            var weight = (double)_sample.Weight(row);
            total += weight;
            for (var k = 0; k < _used.Length; k++)
            {
                mean[k] += weight * values[_used[k]];
                square[k] += weight * values[_used[k]] * values[_used[k]];
            }
        }

        total = Math.Max(total, 1);
        var scale = new double[_used.Length];
        for (var k = 0; k < mean.Length; k++)
        {
            mean[k] /= total;
            scale[k] = Math.Sqrt(Math.Max(0, (square[k] / total) - (mean[k] * mean[k])));
            scale[k] = scale[k] > 1e-9 ? scale[k] : 1;
        }

        return (mean, scale, total);
    }

    private RegressionSums Sums(double[] beta)
    {
        var pieces = new RegressionSums[(_sample.Count + RowsPerPiece - 1) / RowsPerPiece];
        Workers.Run(
            pieces.Length,
            _run,
            () => new double[RegressionSums.Padded(beta.Length)],
            (x, n) => pieces[n] = Sum(beta, x, n * RowsPerPiece));
        var sum = new RegressionSums(beta.Length);
        foreach (var piece in pieces)
        {
            sum.Add(piece);
        }

        sum.Pack();

        for (var k = 0; k < _used.Length; k++)
        {
            sum.Objective -= _ridge * _total * beta[k] * beta[k];
            sum.Gradient[k] -= 2 * _ridge * _total * beta[k];
            sum.Information[(k * beta.Length) + k] += 2 * _ridge * _total;
        }

        for (var k = 0; k < beta.Length; k++)
        {
            // A feature without any variation has no information: this keeps the system solvable and its weight 0.
            sum.Information[(k * beta.Length) + k] += 1e-9 * _total;
        }

        return sum;
    }

    private RegressionSums Sum(double[] beta, double[] x, int first)
    {
        var sums = new RegressionSums(beta.Length);
        x[_used.Length] = 1;
        for (var row = first; row < Math.Min(_sample.Count, first + RowsPerPiece); row++)
        {
            var values = _sample.Row(row);
            var eta = beta[^1];
            for (var k = 0; k < _used.Length; k++)
            {
                x[k] = (values[_used[k]] - _mean[k]) / _scale[k];
                eta += beta[k] * x[k];
            }

            sums.Add(x, _sample.Weight(row), Terms(_link, eta, _sample.Label(row)));
        }

        return sums;
    }
}
