using System.Globalization;
using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>What a snapshot is: its scope, its sizes and the settings that scoring and fold-in need.</summary>
[MessagePackObject]
public sealed record SnapshotManifest
{
    /// <summary>The rate dimensions of format version 1.</summary>
    public static readonly string[] StandardRateDimensions = ["product_rate", "user_rate"];

    /// <summary>When the data end and what the prediction covers.</summary>
    [Key("scope")]
    public required ScopeFacts Scope { get; init; }

    /// <summary>What kind of id a user has, as the dataset names it.</summary>
    [Key("identity_type")]
    public required string IdentityType { get; init; }

    /// <summary>Users.</summary>
    [Key("users")]
    public required int UserCount { get; init; }

    /// <summary>Products.</summary>
    [Key("products")]
    public required int ProductCount { get; init; }

    /// <summary>ALS dimensions, the first of each factor row.</summary>
    [Key("factors")]
    public required int FactorCount { get; init; }

    /// <summary>
    /// The dimensions after them: <c>product_rate</c>, which is 1 on the user side, and <c>user_rate</c>, 1 on the
    /// product side.
    /// </summary>
    [Key("rate_dimensions")]
    public required string[] RateDimensions { get; init; }

    /// <summary>How much one behavior weighs.</summary>
    [Key("weights")]
    public required BehaviorWeights Weights { get; init; }

    /// <summary>How a user's factors follow from a history.</summary>
    [Key("fold_in")]
    public required FoldInSettings FoldIn { get; init; }

    /// <summary>The learned terms of a user's own history.</summary>
    [Key("preference")]
    public required PreferenceTerms Preference { get; init; }

    /// <summary>From score to probability.</summary>
    [Key("calibration")]
    public required CalibrationTerms Calibration { get; init; }

    /// <summary>What the section Reranker holds; null when there is none.</summary>
    [Key("reranker")]
    public RerankerTerms? Reranker { get; init; }

    /// <summary>Which users of a larger snapshot the file holds; null when it holds all.</summary>
    [Key("shard")]
    public ShardTerms? Shard { get; init; }

    /// <summary>The tag columns, in the order of their sections.</summary>
    [Key("tags")]
    public required TagSchema[] Tags { get; init; }

    /// <summary>The settings of the training as written, for a person who repeats it.</summary>
    [Key("settings")]
    public required Dictionary<string, string> Settings { get; init; }
}

/// <summary>
/// The scope year and the prediction window, in the dataset's own clock. Times are ISO 8601 without a zone.
/// </summary>
[MessagePackObject]
public sealed record ScopeFacts
{
    /// <summary>L: the latest time of any behavior of the dataset.</summary>
    [Key("last_behavior_time")]
    public required string LastBehaviorTime { get; init; }

    /// <summary>The first day of the scope year, inclusive from midnight: date(L) minus one calendar year.</summary>
    [Key("scope_start")]
    public required string ScopeStart { get; init; }

    /// <summary>N: the days after date(L) that a prediction covers, 15..90.</summary>
    [Key("horizon_days")]
    public required int HorizonDays { get; init; }

    /// <summary>L.</summary>
    [IgnoreMember]
    public DateTime LastTime => DateTime.Parse(LastBehaviorTime, CultureInfo.InvariantCulture);

    /// <summary>date(L).</summary>
    [IgnoreMember]
    public DateOnly LastDay => DateOnly.ParseExact(LastBehaviorTime.AsSpan(0, 10), "yyyy-MM-dd");

    /// <summary>Days from the first day of the scope year to date(L): no stored behavior has a later day.</summary>
    [IgnoreMember]
    public int Days => LastDay.DayNumber - DateOnly.ParseExact(ScopeStart, "yyyy-MM-dd").DayNumber;

    /// <summary>The first day of the prediction window.</summary>
    [IgnoreMember]
    public DateOnly WindowStart => LastDay.AddDays(1);

    /// <summary>The last day of the prediction window.</summary>
    [IgnoreMember]
    public DateOnly WindowEnd => LastDay.AddDays(HorizonDays);
}

/// <summary>
/// The weight of behavior: type weight x 2^(-age / half-life), summed over a user's behaviors with a product.
/// </summary>
[MessagePackObject]
public sealed record BehaviorWeights
{
    /// <summary>Of a view.</summary>
    [Key("view")]
    public required float View { get; init; }

    /// <summary>Of a favorite.</summary>
    [Key("favorite")]
    public required float Favorite { get; init; }

    /// <summary>Of a cart.</summary>
    [Key("cart")]
    public required float Cart { get; init; }

    /// <summary>Of a purchase.</summary>
    [Key("purchase")]
    public required float Purchase { get; init; }

    /// <summary>Days after which a behavior weighs half; 0 for no decay.</summary>
    [Key("half_life_days")]
    public required double HalfLifeDays { get; init; }

    /// <summary>The weight of one behavior that is <paramref name="ageDays"/> days old.</summary>
    public double Weight(BehaviorType type, double ageDays)
    {
        var weight = type switch
        {
            BehaviorType.View => View,
            BehaviorType.Favorite => Favorite,
            BehaviorType.Cart => Cart,
            _ => Purchase,
        };
        return HalfLifeDays > 0 ? weight * double.Exp2(-ageDays / HalfLifeDays) : weight;
    }
}

/// <summary>
/// The terms of the user solve: x = argmin sum_j w_j (x.y_j - 1)^2 + a0 sum_i (x.y_i)^2 + lambda (n + a0 |I|)^nu |x|^2
/// over the n products of a history with weights w (Rendle et al. 2022, "Revisiting the performance of iALS").
/// </summary>
[MessagePackObject]
public sealed record FoldInSettings
{
    /// <summary>a0: the weight of every product, seen or not.</summary>
    [Key("unobserved_weight")]
    public required double UnobservedWeight { get; init; }

    /// <summary>lambda.</summary>
    [Key("regularization")]
    public required double Regularization { get; init; }

    /// <summary>nu: how the regularization grows with the length of the history.</summary>
    [Key("regularization_exponent")]
    public required double RegularizationExponent { get; init; }

    /// <summary>The learned weight of the factor part in the score; stored user rows are x times this.</summary>
    [Key("factor_weight")]
    public required float FactorWeight { get; init; }
}
