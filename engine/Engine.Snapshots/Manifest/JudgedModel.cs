using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>One model's lists on the held-out window: means over users, within one segment, of lists of one length.</summary>
/// <param name="Model">The served score, one of its parts, or a baseline.</param>
/// <param name="Segment">
/// <c>all</c>; <c>repeat</c> (only products that the user had purchased compete and count); <c>new</c> (only others);
/// <c>tail</c> (only products that fewer than 20 users had purchased);
/// <c>activity_1</c> .. <c>activity_10</c> (tenths of the users by purchases before the window, fewest first).
/// </param>
/// <param name="K">Length of the lists.</param>
/// <param name="Users">Users with something to find.</param>
/// <param name="Recall">hits / min(K, |truth|).</param>
/// <param name="Precision">hits / K.</param>
/// <param name="Ndcg">Binary gains over log2(rank + 1); the ideal list is truncated the same way.</param>
/// <param name="Map">Mean over users of the sum of precision at each hit over min(K, |truth|).</param>
/// <param name="HitRate">Share of users with a hit.</param>
/// <param name="RecallInterval">Bootstrap 95 % interval over users: low, high.</param>
/// <param name="NdcgInterval">The same.</param>
[MessagePackObject]
public sealed record RankingRow(
    [property: Key("model")] string Model,
    [property: Key("segment")] string Segment,
    [property: Key("k")] int K,
    [property: Key("users")] int Users,
    [property: Key("recall")] double Recall,
    [property: Key("precision")] double Precision,
    [property: Key("ndcg")] double Ndcg,
    [property: Key("map")] double Map,
    [property: Key("hit_rate")] double HitRate,
    [property: Key("recall_interval")] double[] RecallInterval,
    [property: Key("ndcg_interval")] double[] NdcgInterval);

/// <summary>How a model spreads its lists over the catalogue.</summary>
/// <param name="Model">As in <see cref="RankingRow"/>.</param>
/// <param name="K">Length of the lists.</param>
/// <param name="Coverage">Share of the products that are in any list.</param>
/// <param name="Gini">Of the products' places in lists: 0 all equal, near 1 a few products have them all.</param>
[MessagePackObject]
public sealed record CoverageRow(
    [property: Key("model")] string Model,
    [property: Key("k")] int K,
    [property: Key("coverage")] double Coverage,
    [property: Key("gini")] double Gini);

/// <summary>Users ranked for one product: means over the products with enough purchasers in the window.</summary>
/// <param name="Model">The served score, or the baseline.</param>
/// <param name="Products">Products that count.</param>
/// <param name="Users">Users ranked for each.</param>
/// <param name="AucMean">Mean area under the ROC curve, ties counted half.</param>
/// <param name="AucMedian">Median of the same.</param>
/// <param name="AucMicro">Mean weighted by purchasers.</param>
/// <param name="Lift1">Purchasers among the best 1 % of users over their share among all, purchasers of all products together.</param>
/// <param name="Lift5">The same for 5 %.</param>
/// <param name="Lift10">The same for 10 %.</param>
/// <param name="Gain">Share of the purchasers within the best 10, 20, .. 100 % of users.</param>
[MessagePackObject]
public sealed record ProductDirectionRow(
    [property: Key("model")] string Model,
    [property: Key("products")] int Products,
    [property: Key("users")] int Users,
    [property: Key("auc_mean")] double AucMean,
    [property: Key("auc_median")] double AucMedian,
    [property: Key("auc_micro")] double AucMicro,
    [property: Key("lift_1")] double Lift1,
    [property: Key("lift_5")] double Lift5,
    [property: Key("lift_10")] double Lift10,
    [property: Key("gain_deciles")] double[] Gain);

/// <summary>
/// How the probabilities did on the window: each user's by a calibration that was fitted on the other half of the users.
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
/// <param name="LargeProductsWithin10">Share of them whose predicted purchasers are within 10 % of the actual ones.</param>
/// <param name="LargeProductsLimit">The share that a forecaster would reach who knew every product's true rate: counts scatter.</param>
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

/// <summary>One bin of the reliability curve.</summary>
/// <param name="Predicted">Mean probability.</param>
/// <param name="Observed">Share with a purchase.</param>
[MessagePackObject]
public sealed record ReliabilityBin([property: Key("predicted")] double Predicted, [property: Key("observed")] double Observed);

/// <summary>One competitor for the score on the last learning window.</summary>
/// <param name="Name">Which parts it has: <c>frequency</c> is the baseline, <c>full</c> has all.</param>
/// <param name="Ndcg">nDCG@20.</param>
/// <param name="Served">Whether it was chosen.</param>
[MessagePackObject]
public sealed record CandidateRow(
    [property: Key("name")] string Name,
    [property: Key("ndcg_at_20")] double Ndcg,
    [property: Key("served")] bool Served);
