using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// The learned terms of a user's own history: what a profile entry adds to the score of its own product, how much it
/// brings similar products in, and how ready the user is to purchase at all. Ages are whole days before date(L), or
/// before now for recent behavior; ages above <see cref="MaximumAge"/> count as that.
/// </summary>
[MessagePackObject]
public sealed record PreferenceTerms
{
    /// <summary>The largest age that is told apart, in days.</summary>
    public const int MaximumAge = 511;

    /// <summary>
    /// H: the half-lives of the decayed counts s_H = sum over distinct days of 2^(-age / H), in days.
    /// </summary>
    [Key("half_lives")]
    public required double[] HalfLives { get; init; }

    /// <summary>The weights of each behavior type that has any.</summary>
    [Key("own")]
    public required OwnTypeTerms[] Own { get; init; }

    /// <summary>
    /// Of log(1 + m), for each product among the m that the user purchased: who purchases many products comes back to
    /// each of them less often.
    /// </summary>
    [Key("breadth")]
    public required double Breadth { get; init; }

    /// <summary>The weights of the user's rate, the dense dimension <c>user_rate</c>.</summary>
    [Key("user_rate")]
    public required UserRateTerms UserRate { get; init; }

    /// <summary>
    /// Days after which a behavior brings half as much similarity: h_uj = w_uj / sqrt(1 + sum_k w_uk), with w summed
    /// over behaviors as the profile's weights are, but with this half-life. 0 for no decay.
    /// </summary>
    [Key("history_half_life_days")]
    public required double HistoryHalfLifeDays { get; init; }

    /// <summary>
    /// Whether the terms fit each other: one decayed weight a half-life, known types, finite numbers.
    /// </summary>
    [IgnoreMember]
    public bool IsSound =>
        HalfLives is not null && HalfLives.All(days => days > 0 && double.IsFinite(days)) &&
        Own is not null
            && Own.All(
                own => own is { Type: >= BehaviorType.View and <= BehaviorType.Purchase }
                    && Fits(own.Decayed, own.Present, own.Days))
                &&
        UserRate is not null && Fits(UserRate.Decayed, UserRate.Constant, UserRate.Days, UserRate.Products) &&
        double.IsFinite(Breadth) && HistoryHalfLifeDays >= 0 && double.IsFinite(HistoryHalfLifeDays);

    /// <summary>No terms at all: the score is factors, similarity and product rate.</summary>
    public static PreferenceTerms None { get; } = new()
    {
        HalfLives = [],
        Own = [],
        Breadth = 0,
        UserRate = new UserRateTerms { Constant = 0, Days = 0, Products = 0, Decayed = [] },
        HistoryHalfLifeDays = 0,
    };

    private bool Fits(double[]? decayed, params ReadOnlySpan<double> others)
    {
        foreach (var other in others)
        {
            if (!double.IsFinite(other))
            {
                return false;
            }
        }

        return decayed?.Length == HalfLives.Length && decayed.All(double.IsFinite);
    }
}

/// <summary>
/// One behavior type's part of the own-history term of a user and a product that have n &gt; 0 distinct days of it:
/// present + days log(1 + n) + sum_H decayed_H log(1 + s_H).
/// </summary>
[MessagePackObject]
public sealed record OwnTypeTerms
{
    /// <summary>Which behavior.</summary>
    [Key("type")]
    public required BehaviorType Type { get; init; }

    /// <summary>Once there is any.</summary>
    [Key("present")]
    public required double Present { get; init; }

    /// <summary>Of log(1 + distinct days).</summary>
    [Key("days")]
    public required double Days { get; init; }

    /// <summary>Of log(1 + s_H), one a half-life.</summary>
    [Key("decayed")]
    public required double[] Decayed { get; init; }
}

/// <summary>
/// constant + days log(1 + n) + products log(1 + m) + sum_H decayed_H log(1 + s_H), for the n distinct days on which
/// the user purchased anything and m products purchased.
/// </summary>
[MessagePackObject]
public sealed record UserRateTerms
{
    /// <summary>Of every user; the score's offset, the horizon's among it.</summary>
    [Key("constant")]
    public required double Constant { get; init; }

    /// <summary>Of log(1 + distinct purchase days).</summary>
    [Key("days")]
    public required double Days { get; init; }

    /// <summary>Of log(1 + products purchased).</summary>
    [Key("products")]
    public required double Products { get; init; }

    /// <summary>Of log(1 + s_H) over purchase days, one a half-life.</summary>
    [Key("decayed")]
    public required double[] Decayed { get; init; }
}
