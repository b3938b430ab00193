using System.Numerics.Tensors;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// The features of one user with every product of a fitted model, and of the user alone. Scratch of one thread.
/// </summary>
public sealed class PairFeatures
{
    private readonly ScopeModel _model;
    private readonly FeatureLayout _layout;
    private readonly ProfileTables _tables;
    private readonly float[] _factors;
    private readonly float[] _similarity;
    private readonly float[]? _demand;
    private readonly Dictionary<int, float[]> _own = [];

    /// <param name="model">What was fitted before the window.</param>
    /// <param name="layout">The places of features.</param>
    /// <param name="demand">Of each product in the window; null where it is not known.</param>
    public PairFeatures(ScopeModel model, FeatureLayout layout, float[]? demand = null)
    {
        _model = model;
        _layout = layout;
        _tables = model.Tables;
        _demand = demand;
        _factors = new float[model.Scoped.ProductCount];
        _similarity = new float[model.Scoped.ProductCount];
        UserFeatures = new float[UserFeatureCount];
    }

    /// <summary>Features of a user: 1, log(1 + purchase days), log(1 + products purchased), decayed counts.</summary>
    public static int UserFeatureCount => 3 + FeatureLayout.HalfLives.Length;

    /// <summary>x.y for every product.</summary>
    public ReadOnlySpan<float> Factors => _factors;

    /// <summary>sum_j h_uj B_ji for every product.</summary>
    public ReadOnlySpan<float> Similarity => _similarity;

    /// <summary>The products of the user's history.</summary>
    public IReadOnlyCollection<int> History => _own.Keys;

    /// <summary>The features of the user alone.</summary>
    public float[] UserFeatures { get; }

    /// <summary>Turns to a user of the model's scope.</summary>
    public void Compute(int user)
    {
        var row = _model.Als.Users.Row(user);
        for (var i = 0; i < _factors.Length; i++)
        {
            _factors[i] = TensorPrimitives.Dot(row, _model.Als.Items.Row(i));
        }

        ComputeSimilarity(user);
        ComputeOwn(user);
    }

    /// <summary>Writes the features of one product.</summary>
    public void Write(int product, Span<float> features)
    {
        features.Clear();
        features[FeatureLayout.Factors] = _factors[product];
        features[FeatureLayout.Similarity] = _similarity[product];
        for (var w = 0; w < ProductSignals.RateCount; w++)
        {
            features[FeatureLayout.Rates + w] = _model.Signals.Rate(w, product);
        }

        features[FeatureLayout.Season] = _model.Signals.Season(product);
        features[FeatureLayout.SeasonChange] = _model.Signals.SeasonChange(product);
        features[FeatureLayout.Demand] = _demand?[product] ?? 0;
        if (!_own.TryGetValue(product, out var own))
        {
            return;
        }

        own.CopyTo(features[FeatureLayout.Own..]);
        if (own[_layout.TypePlace(BehaviorType.Purchase) * FeatureLayout.PerType] > 0)
        {
            features.Slice(FeatureLayout.Rates, ProductSignals.RateCount)
                .CopyTo(features[FeatureLayout.PurchasedRates..]);
            features[FeatureLayout.Repeat] = _model.Signals.RepeatLogit(product);
            features[FeatureLayout.Breadth] = UserFeatures[2];
        }
    }

    private void ComputeSimilarity(int user)
    {
        _similarity.AsSpan().Clear();
        var profile = _model.Profiles.Weights.Row(user);
        var first = (int)_model.Profiles.Weights.Offsets[user];
        for (var e = 0; e < profile.Count; e++)
        {
            var weight = _model.Profiles.History[first + e];
            var range = _model.Similarity.Row(profile.Indices[e]);
            for (var n = range.Start.Value; n < range.End.Value; n++)
            {
                _similarity[_model.Similarity.Columns[n]] += weight * _model.Similarity.Strengths[n];
            }
        }
    }

    private void ComputeOwn(int user)
    {
        _own.Clear();
        var scoped = _model.Scoped;
        var purchaseDays = default(AgeSet);
        var purchased = 0;
        for (var e = scoped.Offsets[user]; e < scoped.Offsets[user + 1];)
        {
            var product = scoped.Products[e];
            var type = scoped.Types[e];
            var ages = default(AgeSet);
            for (; e < scoped.Offsets[user + 1] && scoped.Products[e] == product && scoped.Types[e] == type; e++)
            {
                var age = scoped.LastDay - scoped.Days[e];
                ages.Add(age);
                if (type == BehaviorType.Purchase)
                {
                    purchaseDays.Add(age);
                }
            }

            purchased += type == BehaviorType.Purchase ? 1 : 0;
            if (!_own.TryGetValue(product, out var features))
            {
                _own[product] = features = new float[_layout.Types.Length * FeatureLayout.PerType];
            }

            WriteOwn(ages, features.AsSpan(_layout.TypePlace(type) * FeatureLayout.PerType));
        }

        UserFeatures[0] = 1;
        UserFeatures[1] = (float)double.LogP1(purchaseDays.Count);
        UserFeatures[2] = (float)double.LogP1(purchased);
        for (var h = 0; h < FeatureLayout.HalfLives.Length; h++)
        {
            UserFeatures[3 + h] = (float)_tables.LogDecayed(purchaseDays, h);
        }
    }

    private void WriteOwn(in AgeSet ages, Span<float> features)
    {
        features[0] = 1;
        features[1] = (float)double.LogP1(ages.Count);
        for (var h = 0; h < FeatureLayout.HalfLives.Length; h++)
        {
            features[2 + h] = (float)_tables.LogDecayed(ages, h);
        }
    }
}
