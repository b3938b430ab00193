namespace Trainer.Tuning;

/// <summary>
/// Learns the weights of a sum of fitted parts on the held-out part: a coarse row of weights relative to the size of the
/// scores, then a climb by smaller factors. A part whose best weight is none is left out.
/// </summary>
public static class BlendSearch
{
    /// <summary>Adds one part to a model.</summary>
    /// <param name="trial">Where to judge.</param>
    /// <param name="model">All parts fitted; the new part's weight is ignored.</param>
    /// <param name="value">The value of the model without the new part.</param>
    /// <param name="scale">The new part's weight at which its scores are about as large as the others'.</param>
    /// <param name="with">Settings with the new part at a weight.</param>
    /// <returns>The best weight and its value, or weight 0 when the part does not help.</returns>
    public static (double Weight, double Value) Run(
        Trial trial, FittedModel model, double value, double scale, Func<double, ModelSettings> with)
    {
        double Judge(double weight) => trial.Judge(
            model.With(with(weight)), FormattableString.Invariant($"blend weight {weight:G4}"));

        var best = (Weight: 0.0, Value: value);
        foreach (var factor in (double[])[0.1, 0.3, 1, 3, 10])
        {
            var judged = Judge(factor * scale);
            best = judged > best.Value ? (factor * scale, judged) : best;
        }

        return best.Weight == 0
            ? best
            : CoordinateSearch.Climb(best, [w => w * 1.5, w => w / 1.5, w => w * 1.2, w => w / 1.2], Judge, () => true, 12);
    }
}
