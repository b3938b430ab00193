using Engine.Snapshots.Manifest;
using Trainer.Data.Rows;

namespace Trainer.Pipeline.Fitting;

/// <summary>
/// The places of a pair's features: factors x.y, similarity, the product's sale rates, then for a purchased product the
/// same rates, the product's repeat logit and the user's breadth, the product's season and its demand, then for each
/// behavior type present, log(1 + days) and the decayed counts. A linear score over them is what the engine serves
/// exactly.
/// </summary>
public sealed class FeatureLayout
{
    /// <summary>The half-lives of the decayed counts, in days.</summary>
    public static readonly double[] HalfLives = [15, 45, 120];

    /// <summary>x.y.</summary>
    public const int Factors = 0;

    /// <summary>sum_j h_uj B_ji.</summary>
    public const int Similarity = 1;

    /// <summary>The product's sale rates, one a window.</summary>
    public const int Rates = 2;

    /// <param name="types">The behavior types of the data, ascending, purchase among them.</param>
    public FeatureLayout(BehaviorType[] types)
    {
        Types = types;
    }

    /// <summary>The behavior types with features of their own.</summary>
    public BehaviorType[] Types { get; }

    /// <summary>The rates once more, where the user purchased the product.</summary>
    public static int PurchasedRates => Rates + ProductSignals.RateCount;

    /// <summary>The repeat logit, where the user purchased the product.</summary>
    public static int Repeat => PurchasedRates + ProductSignals.RateCount;

    /// <summary>log(1 + products purchased), where the user purchased this one.</summary>
    public static int Breadth => Repeat + 1;

    /// <summary>The names of the features, in their places.</summary>
    public string[] Names =>
    [
        "factors",
        "similarity",
        .. RateNames("sales"),
        .. RateNames("purchased_sales"),
        "purchased_repeat",
        "purchased_breadth",
        "season",
        "season_change",
        "demand",
        .. Types.Select(type => type.ToString().ToLowerInvariant())
            .SelectMany(type => (string[])[type, $"{type}_days", .. DecayNames($"{type}_decayed")]),
    ];

    /// <summary>The names of a user's features, the constant first.</summary>
    public static string[] UserNames => ["user_constant", "user_days", "user_products", .. DecayNames("user_decayed")];

    /// <summary>Features of one behavior type.</summary>
    public static int PerType => 2 + HalfLives.Length;

    /// <summary>The product's sales in the days, a year ago, of the window to come.</summary>
    public static int Season => Breadth + 1;

    /// <summary>How the product's sales changed a year ago, from the days before to those of the window.</summary>
    public static int SeasonChange => Season + 1;

    /// <summary>
    /// log(1 + purchasers of the product in the window to come): known of past windows alone. No score that is served
    /// has a weight for it; one that is told shows what better forecasts could bring.
    /// </summary>
    public static int Demand => SeasonChange + 1;

    /// <summary>Where the own-history features start.</summary>
    public static int Own => Demand + 1;

    /// <summary>Features in all.</summary>
    public int Count => Own + (Types.Length * PerType);

    /// <summary>The layout for a dataset: the types that it has.</summary>
    public static FeatureLayout Of(Dataset dataset)
    {
        var found = new bool[(int)BehaviorType.Purchase + 1];
        for (var i = 0L; i < dataset.Behaviors.Count; i++)
        {
            found[(int)dataset.Behaviors[i].Type] = true;
        }

        return new FeatureLayout(
            [.. Enum.GetValues<BehaviorType>().Where(type => found[(int)type] || type == BehaviorType.Purchase)]);
    }

    private static IEnumerable<string> RateNames(string name) =>
        ProductSignals.Windows.Select(days => days == int.MaxValue ? $"{name}_all" : $"{name}_{days}");

    private static IEnumerable<string> DecayNames(string name) => HalfLives.Select(days => $"{name}_{days}");

    /// <summary>The place of a type among <see cref="Types"/>, or -1.</summary>
    public int TypePlace(BehaviorType type) => Array.IndexOf(Types, type);
}
