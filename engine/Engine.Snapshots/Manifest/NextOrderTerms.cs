using MessagePack;

namespace Engine.Snapshots.Manifest;

/// <summary>
/// When users order again, and when they buy a product again: hazards over the phase, the time since the last one in
/// units of the usual interval, then one regression and one calibration each, learned on windows of
/// <see cref="WindowDays"/> days. FORMAT.md has the formulas.
/// </summary>
[MessagePackObject]
public sealed record NextOrderTerms
{
    /// <summary>The days that the scores are calibrated on.</summary>
    public const int WindowDays = 30;

    /// <summary>The longest time ahead, in days.</summary>
    public const int MostDays = 90;

    /// <summary>Lower bounds of the phase bins, ascending from 0; the last bin has no end.</summary>
    [Key("phases")]
    public required double[] Phases { get; init; }

    /// <summary>Lower bounds of the classes of purchase days so far, ascending from 1.</summary>
    [Key("counts")]
    public required int[] Counts { get; init; }

    /// <summary>The half-lives of the decayed order days, in days.</summary>
    [Key("half_lives")]
    public required double[] HalfLives { get; init; }

    /// <summary>Orders: days on which a user purchases anything.</summary>
    [Key("orders")]
    public required RenewalTerms Orders { get; init; }

    /// <summary>Purchases of one product by one user.</summary>
    [Key("products")]
    public required RenewalTerms Products { get; init; }

    /// <summary>Knots of the expected orders: scores of users, strictly ascending.</summary>
    [Key("expected_scores")]
    public required float[] ExpectedScores { get; init; }

    /// <summary>Order days within the window at each knot, ascending.</summary>
    [Key("expected_orders")]
    public required double[] ExpectedOrders { get; init; }

    /// <summary>
    /// How many times as many order days as the hazards expect fall into each <see cref="WindowDays"/> days ahead, by
    /// the same days of the year before; null when there is no <see cref="RenewalTerms.Seasons"/> of the orders.
    /// </summary>
    [Key("expected_seasons")]
    public double[]? ExpectedSeasons { get; init; }

    /// <summary>How it did on the last days, by terms learned before them; null when they held too little.</summary>
    [Key("evaluation")]
    public NextOrderReport? Evaluation { get; init; }

    /// <summary>Whether shapes and numbers are as promised.</summary>
    [IgnoreMember]
    public bool IsSound =>
        Phases is [0, ..] && Ascend(Phases) && Counts is [1, ..]
            && Ascend(Array.ConvertAll(Counts, count => (double)count))
        && HalfLives is not null && HalfLives.All(days => days > 0 && double.IsFinite(days))
        && Orders is not null && Orders.IsSound(Phases.Length * Counts.Length, 3 + HalfLives.Length)
        && Products is not null && Products.IsSound(Phases.Length * Counts.Length, 2)
        && ExpectedScores is { Length: > 0 } && ExpectedOrders?.Length == ExpectedScores.Length
        && Ascend(Array.ConvertAll(ExpectedScores, score => (double)score))
        && ExpectedOrders.All(orders => orders >= 0 && double.IsFinite(orders)) && AreSeasons(ExpectedSeasons);

    /// <summary>Whether they are none, or as many as there are windows, and positive.</summary>
    internal static bool AreSeasons(double[]? seasons) =>
        seasons is null
        || (seasons.Length == MostDays / WindowDays && seasons.All(times => times > 0 && double.IsFinite(times)));

    private static bool Ascend(double[] values) =>
        values.All(double.IsFinite)
        && Enumerable.Range(1, Math.Max(0, values.Length - 1)).All(i => values[i] > values[i - 1]);
}

/// <summary>One renewal process.</summary>
[MessagePackObject]
public sealed record RenewalTerms
{
    /// <summary>Days between two purchase days, over all: the prior of every interval.</summary>
    [Key("mean_interval")]
    public required double MeanInterval { get; init; }

    /// <summary>Events per unit of phase, class by class, a phase bin each.</summary>
    [Key("hazards")]
    public required double[] Hazards { get; init; }

    /// <summary>The weights of the score, the log of the hazard over the window first.</summary>
    [Key("weights")]
    public required double[] Weights { get; init; }

    /// <summary>The constant of the score.</summary>
    [Key("constant")]
    public required double Constant { get; init; }

    /// <summary>From score to probability.</summary>
    [Key("probability")]
    public required CalibrationTerms Probability { get; init; }

    /// <summary>
    /// How many times as many events as the hazards expect fall into each <see cref="NextOrderTerms.WindowDays"/> days
    /// ahead, by the same days of the year before; null when that is not known, or did not help.
    /// </summary>
    [Key("seasons")]
    public double[]? Seasons { get; init; }

    /// <summary>Whether shapes and numbers are as promised.</summary>
    public bool IsSound(int hazards, int weights) =>
        MeanInterval > 0 && double.IsFinite(MeanInterval) && Hazards?.Length == hazards
        && Hazards.All(hazard => hazard > 0 && double.IsFinite(hazard)) && Weights?.Length == weights && Weights[0] > 0
        && Weights.All(double.IsFinite) && double.IsFinite(Constant)
            && Probability is { IsSound: true, Scores.Length: > 0 } && NextOrderTerms.AreSeasons(Seasons);
}

/// <summary>The next order on days that the evaluated terms did not see, beside simple rules.</summary>
/// <param name="FirstDay">The first day of the window.</param>
/// <param name="LastDay">The last day of the window.</param>
/// <param name="Users">Users with a purchase in the scope before it.</param>
/// <param name="Buyers">Users who ordered in it.</param>
/// <param name="PredictedBuyers">The sum of the probabilities.</param>
/// <param name="Orders">Order days in it.</param>
/// <param name="PredictedOrders">The sum of the expected orders.</param>
/// <param name="Rows">The model, then the rules: of orders, then of purchases of a product again.</param>
/// <param name="Dates">How many days the likely date is off, over the users who ordered.</param>
/// <param name="Bins">Users by probability, ten parts of equal size.</param>
/// <param name="BuyersWithoutSeason">
/// The sum of the probabilities that have no season; null when the evaluated terms have none.
/// </param>
/// <param name="OrdersWithoutSeason">The same sum of the expected orders.</param>
[MessagePackObject]
public sealed record NextOrderReport(
    [property: Key("first_day")] string FirstDay,
    [property: Key("last_day")] string LastDay,
    [property: Key("users")] int Users,
    [property: Key("buyers")] int Buyers,
    [property: Key("predicted_buyers")] double PredictedBuyers,
    [property: Key("orders")] long Orders,
    [property: Key("predicted_orders")] double PredictedOrders,
    [property: Key("rows")] NextOrderRow[] Rows,
    [property: Key("dates")] DateErrorRow[] Dates,
    [property: Key("bins")] ReliabilityBin[] Bins,
    [property: Key("buyers_without_season")] double? BuyersWithoutSeason = null,
    [property: Key("orders_without_season")] double? OrdersWithoutSeason = null);

/// <summary>One way to predict who purchases within the window.</summary>
/// <param name="Subject">
/// <c>order</c>: a user and any product; <c>product</c>: a user and a product purchased before.
/// </param>
/// <param name="Model">The model or the rule.</param>
/// <param name="Auc">How often one who purchased stands above one who did not; .5 is chance.</param>
/// <param name="LogLoss">Mean of -log p of what happened; rules are calibrated in the same way.</param>
/// <param name="Precision">Purchased, among as many of the highest as purchased.</param>
[MessagePackObject]
public sealed record NextOrderRow(
    [property: Key("subject")] string Subject,
    [property: Key("model")] string Model,
    [property: Key("auc")] double Auc,
    [property: Key("log_loss")] double LogLoss,
    [property: Key("precision")] double Precision);

/// <summary>One way to predict the day of the next order.</summary>
/// <param name="Model">The model or the rule.</param>
/// <param name="MeanDays">Mean of |predicted day - day|.</param>
[MessagePackObject]
public sealed record DateErrorRow(
    [property: Key("model")] string Model,
    [property: Key("mean_days")] double MeanDays);
