using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Profiles;

/// <summary>
/// Every power of two that profiles need, by whole days of age: computed once, shared by all builders of a model.
/// </summary>
public sealed class ProfileTables
{
    private const int Ages = PreferenceTerms.MaximumAge + 1;
    private const int Types = (int)BehaviorType.Purchase + 1;

    private readonly double[] _weights;
    private readonly double[] _history;
    private readonly double[] _decays;
    private readonly OwnTypeTerms?[] _own = new OwnTypeTerms?[Types];
    private readonly double[] _once = new double[Types * Ages];

    /// <param name="weights">How much one behavior weighs in the profile.</param>
    /// <param name="terms">The learned terms.</param>
    public ProfileTables(BehaviorWeights weights, PreferenceTerms terms)
    {
        Terms = terms;
        _weights = ByTypeAndAge(weights);
        _history = ByTypeAndAge(weights with { HalfLifeDays = terms.HistoryHalfLifeDays });
        _decays =
            [.. terms.HalfLives.SelectMany(
                halfLife => Enumerable.Range(0, Ages).Select(age => double.Exp2(-age / halfLife)))];
        foreach (var own in terms.Own)
        {
            _own[(int)own.Type] = own;
        }

        for (var type = 1; type < Types; type++)
        {
            for (var age = 0; age < Ages; age++)
            {
                var ages = default(AgeSet);
                ages.Add(age);
                _once[(type * Ages) + age] = 0.0 + OwnTerm(type, ages, 1);
            }
        }
    }

    /// <summary>The learned terms.</summary>
    public PreferenceTerms Terms { get; }

    /// <summary>What one behavior adds to the profile's weight.</summary>
    internal double Weight(int type, int age) => _weights[(type * Ages) + age];

    /// <summary>What one behavior adds to the weight that brings similar products in.</summary>
    internal double History(int type, int age) => _history[(type * Ages) + age];

    /// <summary>The own-history term of a type, for the ages of the days of its behavior.</summary>
    internal double OwnTerm(int type, in AgeSet ages, int days) => _own[type] is { } terms
        ? terms.Present + (terms.Days * double.LogP1(days)) + Decayed(ages, terms.Decayed)
        : 0;

    /// <summary>The own-history terms of a product with a single behavior: most products of most users.</summary>
    internal double Once(int type, int age) => _once[(type * Ages) + age];

    /// <summary>log(1 + s_H) of a set of ages, for the <paramref name="halfLife"/>-th half-life.</summary>
    internal double LogDecayed(in AgeSet ages, int halfLife) =>
        double.LogP1(ages.Sum(_decays.AsSpan(halfLife * Ages, Ages)));

    /// <summary>sum_H weight_H log(1 + s_H) over a set of ages.</summary>
    internal double Decayed(in AgeSet ages, double[] weights)
    {
        var sum = 0.0;
        for (var h = 0; h < weights.Length; h++)
        {
            sum += weights[h] * LogDecayed(ages, h);
        }

        return sum;
    }

    private static double[] ByTypeAndAge(BehaviorWeights weights) =>
        [.. Enumerable.Range(0, Types).SelectMany(
            type => Enumerable.Range(0, Ages).Select(age => type == 0 ? 0 : weights.Weight((BehaviorType)type, age)))];
}
