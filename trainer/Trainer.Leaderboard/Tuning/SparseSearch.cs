using Trainer.Models.Ridge;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Sparse regressions for a sum (<see cref="RidgeOptions.Sparsity"/>): the best sparsity by itself, and the same on
/// items scaled by their popularity. They are weaker alone than ridges and choose what a ridge blurs: of items that
/// tell the same, one.
/// </summary>
public static class SparseSearch
{
    /// <summary>Parts that a sum gets.</summary>
    internal const int Parts = 2;

    private const int Neighbors = 128;
    private const double Regularization = 0.25;
    private const double FirstSparsity = 2;
    private const double ItemExponent = 0.25;

    /// <summary>Returns the evaluated parts and their values.</summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="candidates">Candidates at most, two or more.</param>
    public static List<(FittedPart Part, double Value)> Run(Trial trial, double share, int candidates)
    {
        var search = new PartSearch(trial);
        var first = new RidgeOptions
        {
            Neighbors = Neighbors,
            Regularization = Regularization,
            Sparsity = FirstSparsity,
            GramNeighbors = RidgeSearch.Bound(trial.Fit.ColumnCount * trial.Split.Folds.Count),
        };
        var (best, _) = CoordinateSearch.Climb(
            (first, Evaluate(first)),
            [o => o with { Sparsity = o.Sparsity * 2 }, o => o with { Sparsity = o.Sparsity / 2 }],
            Evaluate,
            () => trial.MayContinue(share),
            candidates - Parts);
        var found = new List<(FittedPart Part, double Value)> { search.Best!.Value };
        if (trial.MayContinue(share))
        {
            found.Add(trial.Evaluate(new ModelPart { Ridge = best with { ItemExponent = ItemExponent } }));
        }

        return found;

        double Evaluate(RidgeOptions o) => search.Evaluate(new ModelPart { Ridge = o });
    }
}
