using Engine.Model.Kernels;
using Trainer.Evaluation;
using Trainer.Models;

namespace Trainer.Tuning;

/// <summary>The parts of one <see cref="ModelSettings"/>, fitted; scores for any user of the matrix it was fitted on.</summary>
public sealed class FittedModel(
    InteractionMatrix train, ModelSettings settings, AlsResult? als, SimilarityMatrix? similarity, SimilarityMatrix? ridge)
{
    private readonly PackedRows? _packed = als is null ? null : new PackedRows(als.Items.Values, als.Items.Stride);

    /// <summary>Fits every part that has settings.</summary>
    public static FittedModel Fit(
        InteractionMatrix train,
        ModelSettings settings,
        Action<AlsEpoch>? progress = null,
        CancellationToken cancellation = default) => new(
        train,
        settings,
        settings.Als is null ? null : Als.Train(train, settings.Als, progress, cancellation),
        settings.Similarity is null ? null : ItemSimilarity.Compute(train, settings.Similarity, cancellation: cancellation),
        settings.Ridge is null ? null : LocalRidge.Compute(train, settings.Ridge, cancellation));

    /// <summary>The same fitted parts under other settings: parts without settings are left out, weights are taken over.</summary>
    public FittedModel With(ModelSettings other) => new(
        train,
        other,
        other.Als is null ? null : als,
        other.Similarity is null ? null : similarity,
        other.Ridge is null ? null : ridge);

    /// <summary>The fitted parts of both models; to be given settings by <see cref="With"/>.</summary>
    public FittedModel Join(FittedModel other) => new(
        train, settings, als ?? other.AlsPart, similarity ?? other.SimilarityPart, ridge ?? other.RidgePart);

    /// <summary>The fitted ALS, if any.</summary>
    public AlsResult? AlsPart => als;

    /// <summary>The fitted similarity, if any.</summary>
    public SimilarityMatrix? SimilarityPart => similarity;

    /// <summary>The fitted ridge, if any.</summary>
    public SimilarityMatrix? RidgePart => ridge;

    /// <summary>The settings that were fitted.</summary>
    public ModelSettings Settings => settings;

    /// <summary>Makes a scorer for one thread: the weighted sum of the parts.</summary>
    public IItemScorer Scorer()
    {
        var parts = new List<(IItemScorer Scorer, double Weight)>();
        if (_packed is not null)
        {
            parts.Add((new FactorScorer(als!.Users, _packed), settings.AlsWeight));
        }

        if (similarity is not null)
        {
            parts.Add((new SimilarityScorer(train, similarity), settings.SimilarityWeight));
        }

        if (ridge is not null)
        {
            parts.Add((new SimilarityScorer(train, ridge), settings.RidgeWeight));
        }

        // Weights relative to the first part: a common factor orders nothing.
        var sum = parts[0].Scorer;
        foreach (var (scorer, weight) in parts.Skip(1))
        {
            sum = new BlendScorer(sum, scorer, (float)(weight / parts[0].Weight));
        }

        return sum;
    }
}
