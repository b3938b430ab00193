using Engine.Snapshots.Manifest;
using Trainer.Data.Running;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// A score that is linear in the features of a pair and of its user: eta(u, i) = weights . features(u, i) + user
/// weights . features(u). Taken apart it becomes a snapshot: factors, similarity, product rate, own-history terms, user
/// rate.
/// </summary>
/// <param name="Name">For the report: <c>full</c>, <c>no_similarity</c>, ..., <c>frequency_45</c>.</param>
/// <param name="Layout">The places of the pair features.</param>
/// <param name="Weights">One a pair feature.</param>
/// <param name="UserWeights">One a user feature, the constant first.</param>
/// <param name="Supervised">Whether its similarity is the <see cref="SupervisedSimilarity"/>.</param>
public sealed record LearnedScore(
    string Name, FeatureLayout Layout, double[] Weights, double[] UserWeights, bool Supervised)
{
    private const string RuleName = "frequency_";
    private const double Ridge = 1e-5;

    /// <summary>
    /// What a user purchased, each purchase day counting less the older it is, then the rest; ties by what sold in the
    /// last 30 days: the strongest simple rules, for data too short to learn from and for brands whose data no model
    /// beats them on.
    /// </summary>
    /// <param name="layout">The places of features.</param>
    /// <param name="halfLife">The place of its half-life in <see cref="FeatureLayout.HalfLives"/>.</param>
    public static LearnedScore Frequency(FeatureLayout layout, int halfLife)
    {
        var weights = new double[layout.Count];
        weights[FeatureLayout.Rates + 1] = 0.01;
        var own = FeatureLayout.Own + (layout.TypePlace(BehaviorType.Purchase) * FeatureLayout.PerType);
        weights[own] = 1;
        weights[own + 2 + halfLife] = 10;
        return new LearnedScore(
            FrequencyName(halfLife), layout, weights, new double[PairFeatures.UserFeatureCount], Supervised: false);
    }

    /// <summary>The name of the rule.</summary>
    public static string FrequencyName(int halfLife) => $"{RuleName}{FeatureLayout.HalfLives[halfLife]}";

    /// <summary>Whether it is one of the simple rules.</summary>
    public bool IsRule => Name.StartsWith(RuleName, StringComparison.Ordinal);

    /// <summary>The same parts with weights that a logistic regression learns within the users who purchased.</summary>
    /// <param name="used">The features that get a weight, ascending.</param>
    /// <param name="splits">The windows to learn from.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    /// <param name="oneOf">Learns from every so many pairs.</param>
    public LearnedScore Fitted(int[] used, IReadOnlyList<SplitSample> splits, RunContext run, int oneOf = 1)
    {
        var rows = new PairSample(Layout.Count);
        foreach (var split in splits)
        {
            rows.Add(split.Buyers, oneOf);
        }

        var (weights, _) = BinaryRegression.Fit(rows, Link.Logit, Ridge, used, run);
        return this with
        {
            Weights = weights,
            UserWeights = new double[PairFeatures.UserFeatureCount],
            Supervised = splits[0].Model.Supervised,
        };
    }

    /// <summary>Of x.y.</summary>
    public float FactorWeight => (float)Weights[FeatureLayout.Factors];

    /// <summary>Of the similarity sum.</summary>
    public float SimilarityWeight => (float)Weights[FeatureLayout.Similarity];

    /// <summary>Weights . features of a pair.</summary>
    public double Pair(ReadOnlySpan<float> features)
    {
        var sum = 0.0;
        for (var k = 0; k < Weights.Length; k++)
        {
            sum += Weights[k] * features[k];
        }

        return sum;
    }

    /// <summary>The product's dense rate.</summary>
    public float ProductRate(ProductSignals signals, int product) => (float)(
        Rates(signals, product, FeatureLayout.Rates)
        + (Weights[FeatureLayout.Season] * signals.Season(product))
        + (Weights[FeatureLayout.SeasonChange] * signals.SeasonChange(product)));

    /// <summary>What a purchase of the product adds to its own-history term.</summary>
    public float ProductRepeat(ProductSignals signals, int product) => (float)(
        Rates(signals, product, FeatureLayout.PurchasedRates)
        + (Weights[FeatureLayout.Repeat] * signals.RepeatLogit(product)));

    /// <summary>The terms by which the engine makes profiles.</summary>
    public PreferenceTerms Terms(double historyHalfLifeDays) => new()
    {
        HalfLives = FeatureLayout.HalfLives,
        Own = [.. Layout.Types.Select(OwnTerms)],
        Breadth = Weights[FeatureLayout.Breadth],
        UserRate = new UserRateTerms
        {
            Constant = UserWeights[0],
            Days = UserWeights[1],
            Products = UserWeights[2],
            Decayed = UserWeights[3..],
        },
        HistoryHalfLifeDays = historyHalfLifeDays,
    };

    private double Rates(ProductSignals signals, int product, int place)
    {
        var sum = 0.0;
        for (var w = 0; w < ProductSignals.RateCount; w++)
        {
            sum += Weights[place + w] * signals.Rate(w, product);
        }

        return sum;
    }

    private OwnTypeTerms OwnTerms(BehaviorType type)
    {
        var own =
            Weights.AsSpan(FeatureLayout.Own + (Layout.TypePlace(type) * FeatureLayout.PerType), FeatureLayout.PerType);
        return new OwnTypeTerms { Type = type, Present = own[0], Days = own[1], Decayed = own[2..].ToArray() };
    }
}
