using System.Globalization;
using Trainer.Data.Generate;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Tuning;

/// <summary>The settings that tuning chooses, without the number of factors.</summary>
/// <param name="View">Weight of a view; a purchase weighs 1.</param>
/// <param name="Favorite">Of a favorite.</param>
/// <param name="Cart">Of a cart.</param>
/// <param name="HalfLifeDays">Of behavior in the factors; 0 for none.</param>
/// <param name="HistoryHalfLifeDays">Of behavior in the similarity; 0 for none.</param>
/// <param name="UnobservedWeight">a0 of ALS.</param>
/// <param name="Regularization">lam of ALS.</param>
/// <param name="RidgeRegularization">lam of the similarity, as a multiple of the Gram's mean diagonal.</param>
/// <param name="TagWeight">Of a product's tags in the factors; 0 for none.</param>
public sealed record TuningPoint(
    float View, float Favorite, float Cart, double HalfLifeDays, double HistoryHalfLifeDays, double UnobservedWeight,
    double Regularization, double RidgeRegularization, double TagWeight)
{
    private static readonly double[] HalfLives = [30, 60, 90, 180, 0];
    private static readonly double[] UnobservedWeights = [0.003, 0.01, 0.03, 0.1];
    private static readonly double[] Regularizations = [0.001, 0.003, 0.01, 0.03];
    private static readonly double[] RidgeRegularizations = [0.3, 1, 3];
    private static readonly double[] TagWeights = [0, 0.1, 0.3, 1];
    private static readonly float[] Shares = [0, 0.5f, 1, 2];

    /// <summary>The point that <paramref name="options"/> are at.</summary>
    public static TuningPoint Of(TrainOptions options) => new(
        options.Weights.View,
        options.Weights.Favorite,
        options.Weights.Cart,
        options.Weights.HalfLifeDays,
        options.HistoryHalfLifeDays,
        options.Als.UnobservedWeight,
        options.Als.Regularization,
        options.Ridge.Regularization,
        options.TagWeight);

    /// <summary>The options' own point, then distinct ones drawn from the grid by the seed.</summary>
    /// <param name="options">Where to start.</param>
    /// <param name="count">Points in all.</param>
    public static TuningPoint[] Draw(TrainOptions options, int count)
    {
        var prng = new Prng(options.Als.Seed, stream: 0);
        var start = Of(options);
        var points = new List<TuningPoint> { start };
        while (points.Count < count)
        {
            // One scale for all three keeps view < favorite < cart, which every brand's data bear out.
            var share = Pick(Shares);
            var point = new TuningPoint(
                start.View * share,
                start.Favorite * share,
                start.Cart * share,
                Pick(HalfLives),
                Pick(HalfLives),
                Pick(UnobservedWeights),
                Pick(Regularizations),
                Pick(RidgeRegularizations),
                Pick(TagWeights));
            if (!points.Contains(point))
            {
                points.Add(point);
            }
        }

        return [.. points];

        T Pick<T>(T[] values) => values[prng.Below(values.Length)];
    }

    /// <summary>The options with this point's settings.</summary>
    public TrainOptions Apply(TrainOptions options) => options with
    {
        Weights = options.Weights with { View = View, Favorite = Favorite, Cart = Cart, HalfLifeDays = HalfLifeDays },
        HistoryHalfLifeDays = HistoryHalfLifeDays,
        Als = options.Als with { UnobservedWeight = UnobservedWeight, Regularization = Regularization },
        Ridge = options.Ridge with { Regularization = RidgeRegularization },
        TagWeight = TagWeight,
    };

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"view {View} favorite {Favorite} cart {Cart} half-life {HalfLifeDays} history half-life {HistoryHalfLifeDays} "
        + $"a0 {UnobservedWeight} lam {Regularization} ridge {RidgeRegularization} tags {TagWeight}");
}
