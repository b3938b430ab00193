using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// How the probabilities did on the window: each user's by a calibration that was fitted on the other half of the
/// users.
/// </summary>
/// <param name="Method">Of the calibration.</param>
/// <param name="Purchases">Purchases (user-product pairs) that the window has.</param>
/// <param name="HorizonGrowth">g: expected purchases grow as N^g.</param>
/// <param name="BaseRate">Share of pairs with a purchase.</param>
/// <param name="LogLoss">Mean negative log-likelihood.</param>
/// <param name="BaseLogLoss">The same for the base rate alone.</param>
/// <param name="Brier">Mean squared error.</param>
/// <param name="Ece">Expected calibration error: mean over 20 bins of equal mass of |predicted - observed|.</param>
/// <param name="EceOfBaseRate">Ece / base rate.</param>
/// <param name="Bins">The reliability curve, lowest probabilities first.</param>
/// <param name="LargeProducts">Products with at least 100 purchasers in the window.</param>
/// <param name="LargeProductsWithin10">
/// Share of them whose predicted purchasers are within 10 % of the actual ones.
/// </param>
/// <param name="LargeProductsLimit">
/// The share that a forecaster would reach who knew every product's true rate: counts scatter.
/// </param>
/// <param name="PredictedOverActual">Predicted over actual purchases in all.</param>
[MessagePackObject]
public sealed record ProbabilityReport(
    [property: Key("method")] string Method,
    [property: Key("purchases")] long Purchases,
    [property: Key("horizon_growth")] double HorizonGrowth,
    [property: Key("base_rate")] double BaseRate,
    [property: Key("log_loss")] double LogLoss,
    [property: Key("base_log_loss")] double BaseLogLoss,
    [property: Key("brier")] double Brier,
    [property: Key("ece")] double Ece,
    [property: Key("ece_of_base_rate")] double EceOfBaseRate,
    [property: Key("bins")] ReliabilityBin[] Bins,
    [property: Key("large_products")] int LargeProducts,
    [property: Key("large_products_within_10")] double LargeProductsWithin10,
    [property: Key("large_products_within_10_limit")] double LargeProductsLimit,
    [property: Key("predicted_over_actual")] double PredictedOverActual);
