using Trainer.Data.Running;
using Trainer.Evaluation.Splits;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// What one temporal split provides for learning: everything before it as features, the window after it as labels.
/// </summary>
/// <param name="Model">Fitted on the days before the split.</param>
/// <param name="Holdout">The window.</param>
/// <param name="Buyers">Pairs of users who purchased in the window: pair features.</param>
/// <param name="Everyone">Pairs of all users: pair features, then user features.</param>
public sealed record SplitSample(ScopeModel Model, Holdout Holdout, PairSample Buyers, PairSample Everyone)
{
    private const int MostUsers = 2000;

    /// <summary>Whether the model still knows its users.</summary>
    public bool HasUsers => Model.Als.Users.RowCount > 0;

    /// <summary>Users of a single window that holds enough: as many as three others give.</summary>
    private const int MostUsersAlone = 3 * MostUsers;

    /// <summary>Fits nothing: draws from a model that was fitted before the window.</summary>
    public static SplitSample Draw(ScopeModel model, Holdout holdout, FeatureLayout layout, RunContext run)
    {
        var most = holdout.IsEnough ? MostUsersAlone : MostUsers;
        var buyers = PairSampler.Draw(
            model,
            holdout,
            PairSampler.Evenly(holdout.Users, most),
            layout,
            layout.Count,
            (pairs, product, row) => pairs.Write(product, row),
            run);
        var everyone = PairSampler.Draw(
            model,
            holdout,
            PairSampler.Evenly([.. Enumerable.Range(0, model.Scoped.UserCount)], most),
            layout,
            layout.Count + PairFeatures.UserFeatureCount,
            (pairs, product, row) =>
            {
                pairs.Write(product, row.AsSpan(0, layout.Count));
                pairs.UserFeatures.CopyTo(row.AsSpan(layout.Count));
            },
            run);
        return new SplitSample(model, holdout, buyers, everyone);
    }
}
