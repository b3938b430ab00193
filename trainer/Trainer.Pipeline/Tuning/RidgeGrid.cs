using Trainer.Data.Progress;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Models.Ridge;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Tuning;

/// <summary>
/// Fits the parts of a score for settings that differ in k and lam of the supervised similarity alone: the factors and
/// the Gram of a scope are computed once and kept, the ridge is solved for each. The same bits as
/// <see cref="ScopeModel.Fit"/>.
/// </summary>
/// <param name="options">All other settings.</param>
/// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
internal sealed class RidgeGrid(TrainOptions options, RunContext run)
{
    private readonly Dictionary<DateOnly, (ScopeModel Model, SupervisedRidge? Ridge)> _fitted = [];

    /// <summary>The parts before the end of a scope, with the similarity of a point of the grid.</summary>
    public ScopeModel Fit(ScopedDataset scoped, TrainOptions point)
    {
        if (!_fitted.TryGetValue(scoped.Scope.End, out var known))
        {
            var model =
                ScopeModel.Fit(scoped, options, supervised: false, "", run with { Progress = NoProgress.Instance });
            _fitted[scoped.Scope.End] =
                known = (model, SupervisedSimilarity.Prepare(scoped, model.Tables, options, run));
        }

        return known.Ridge is null
            ? known.Model
            : known.Model with { Similarity = known.Ridge.Solve(point.Ridge, run), Supervised = true };
    }
}
