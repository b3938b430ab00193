using Engine.Kernels.Solve;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;
using Trainer.Models.Spectral;

namespace Trainer.Leaderboard.Tuning;

/// <summary>One part of a model, fitted; scores for any user of the matrix it was fitted on.</summary>
public sealed class FittedPart
{
    private readonly Func<IItemScorer> _scorer;

    private FittedPart(ModelPart settings, Func<IItemScorer> scorer)
    {
        Settings = settings;
        _scorer = scorer;
    }

    /// <summary>What was fitted, and its weight.</summary>
    public ModelPart Settings { get; }

    /// <summary>Fits a part.</summary>
    /// <param name="train">Users by items.</param>
    /// <param name="part">Its settings.</param>
    /// <param name="grams">Keeps Grams between fits of the same matrix.</param>
    /// <param name="run">Threads, cancellation, clock; no result depends on it.</param>
    /// <param name="progress">Called after each epoch of ALS; may be null.</param>
    public static FittedPart Fit(
        InteractionMatrix train, ModelPart part, GramCache grams, RunContext run, Action<AlsEpoch>? progress = null)
    {
        part.Validate();
        Func<IItemScorer> scorer;
        if (part.Als is { } als)
        {
            var model = Als.Train(train, als, run, progress: progress);
            var packed = new PackedRows(model.Items.Values, model.Items.Stride);
            scorer = () => new FactorScorer(model.Users, packed);
        }
        else if (part.LowPass is { } lowPass)
        {
            var model = LowPass.Compute(train, lowPass, run);
            var packed = new PackedRows(model.Items.Values, model.Items.Stride);
            scorer = () => new FactorScorer(model.Users, packed);
        }
        else if (part.Ridge is { Dense: true } dense)
        {
            var weights = DenseRidge.Compute(train, dense, run);
            scorer = () => new DenseScorer(train, weights);
        }
        else
        {
            var matrix = part.Similarity is { } similarity
                ? ItemSimilarity.Compute(train, similarity, run)
                : LocalRidge.Compute(grams.Get(part.Ridge!, run), part.Ridge!, run);
            scorer = () => new SimilarityScorer(train, matrix);
        }

        return new FittedPart(part, scorer);
    }

    /// <summary>Fits a part on every fold of a validation split.</summary>
    /// <param name="split">The folds.</param>
    /// <param name="part">Its settings.</param>
    /// <param name="grams">Where Grams are kept, one for each fold.</param>
    /// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
    public static FittedPart Fit(ValidationSplit split, ModelPart part, IReadOnlyList<GramCache> grams, RunContext run)
    {
        FittedPart[] fitted = [.. split.Folds.Select((fold, n) => Fit(fold, part, grams[n], run))];
        return fitted.Length == 1 ? fitted[0] : new FittedPart(
            part,
            () => new FoldScorer(Array.ConvertAll(fitted, fold => fold.Scorer()), split.Folds[0].RowCount));
    }

    /// <summary>Makes a scorer for one thread, without the weight.</summary>
    public IItemScorer Scorer() => _scorer();
}
