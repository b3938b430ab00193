using System.Diagnostics;
using Engine.Kernels.Solve;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Trainer.Leaderboard.Tuning;

/// <summary>One part of a model, fitted; scores for any user of the matrix it was fitted on.</summary>
public sealed class FittedPart
{
    private readonly Func<IItemScorer> _scorer;

    private FittedPart(ModelPart settings, Func<IItemScorer> scorer, TimeSpan time)
    {
        Settings = settings;
        _scorer = scorer;
        Time = time;
    }

    /// <summary>What was fitted, and its weight.</summary>
    public ModelPart Settings { get; }

    /// <summary>Wall time of the fit.</summary>
    public TimeSpan Time { get; }

    /// <summary>Fits a part.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="part">Its settings.</param>
    /// <param name="progress">Told after each epoch of ALS; may be null.</param>
    /// <param name="grams">Where Grams are kept between fits of the same matrix, or null.</param>
    /// <param name="cancellation">Stops between rows.</param>
    public static FittedPart Fit(
        InteractionMatrix train,
        ModelPart part,
        Action<AlsEpoch>? progress = null,
        GramCache? grams = null,
        CancellationToken cancellation = default)
    {
        var start = Stopwatch.GetTimestamp();
        part.Validate();
        Func<IItemScorer> scorer;
        if (part.Als is { } als)
        {
            var model = Als.Train(train, als, progress, cancellation);
            var packed = new PackedRows(model.Items.Values, model.Items.Stride);
            scorer = () => new FactorScorer(model.Users, packed);
        }
        else
        {
            var matrix = part.Similarity is { } similarity
                ? ItemSimilarity.Compute(train, similarity, cancellation: cancellation)
                : LocalRidge.Compute((grams ?? new GramCache(train)).Get(part.Ridge!, cancellation), part.Ridge!, cancellation);
            scorer = () => new SimilarityScorer(train, matrix);
        }

        return new FittedPart(part, scorer, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Fits a part on every carving of a validation.</summary>
    /// <param name="split">The carvings.</param>
    /// <param name="part">Its settings.</param>
    /// <param name="grams">Where Grams are kept, one for each carving.</param>
    /// <param name="cancellation">Stops between rows.</param>
    public static FittedPart Fit(ValidationSplit split, ModelPart part, IReadOnlyList<GramCache> grams, CancellationToken cancellation)
    {
        FittedPart[] fitted = [.. split.Folds.Select((fold, n) => Fit(fold, part, grams: grams[n], cancellation: cancellation))];
        return fitted.Length == 1 ? fitted[0] : new FittedPart(
            part,
            () => new FoldScorer(Array.ConvertAll(fitted, fold => fold.Scorer()), split.Folds[0].RowCount),
            fitted.Aggregate(TimeSpan.Zero, (sum, fold) => sum + fold.Time));
    }

    /// <summary>The same fit under another weight.</summary>
    public FittedPart With(double weight) => new(Settings with { Weight = weight }, _scorer, Time);

    /// <summary>Makes a scorer for one thread, without the weight.</summary>
    public IItemScorer Scorer() => _scorer();
}
