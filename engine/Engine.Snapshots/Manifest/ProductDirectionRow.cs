using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>Users ranked for one product: means over the products with enough purchasers in the window.</summary>
/// <param name="Model">The served score, or the baseline.</param>
/// <param name="Products">Products that count.</param>
/// <param name="Users">Users ranked for each.</param>
/// <param name="AucMean">Mean area under the ROC curve, ties counted half.</param>
/// <param name="AucMedian">Median of the same.</param>
/// <param name="AucMicro">Mean weighted by purchasers.</param>
/// <param name="Lift1">
/// Purchasers among the best 1 % of users over their share among all, purchasers of all products together.
/// </param>
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
