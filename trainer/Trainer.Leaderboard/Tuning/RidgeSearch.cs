using Trainer.Models.Ridge;

namespace Trainer.Leaderboard.Tuning;

/// <summary>Chooses lam, k, p and the exponents of <see cref="LocalRidge"/>; candidates of the same exponents share one Gram.</summary>
public static class RidgeSearch
{
    // Entries of the Gram together, 8 bytes each; two Grams may be alive at a time.
    private const int MostEntries = 90_000_000;
    private const int LeastGramNeighbors = 256;

    /// <summary>Entries of a Gram row at most: memory is bounded whatever the number of items.</summary>
    /// <param name="items">Items, those of all folds together.</param>
    public static int Bound(int items) =>
        Math.Clamp(MostEntries / Math.Max(1, items), LeastGramNeighbors, new RidgeOptions().GramNeighbors);

    /// <summary>Returns the best part found and its value.</summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="candidates">Candidates at most.</param>
    /// <param name="alone">
    /// Whether p is chosen too. A blend starts without: the ridge that is best alone leaves the least to add, and
    /// ridges with dropout are tried as further parts.
    /// </param>
    public static (FittedPart Part, double Value) Run(Trial trial, double share, int candidates, bool alone)
    {
        var search = new PartSearch(trial);
        var first = new RidgeOptions
        {
            Regularization = 4,
            GramNeighbors = Bound(trial.Fit.ColumnCount * trial.Split.Folds.Count),
        };
        CoordinateSearch.Climb(
            (first, Evaluate(first)), Moves(alone), Evaluate, () => trial.MayContinue(share), candidates - 1);
        return search.Best!.Value;

        double Evaluate(RidgeOptions o) => search.Evaluate(new ModelPart { Ridge = o });
    }

    private static Func<RidgeOptions, RidgeOptions>[] Moves(bool alone) =>
    [
        o => o with { Neighbors = Math.Min(128, o.Neighbors * 2) },
        o => o with { Dropout = !alone ? 0 : o.Dropout == 0 ? 0.5 : 0.75 },
        o => o with { Regularization = Math.Min(200, o.Regularization * 2) },
        o => o with { Regularization = Math.Max(0.01, o.Regularization / 2) },
        o => o with { UserExponent = Math.Clamp(Math.Round(o.UserExponent + 0.25, 3), 0, 2) },
        o => o with { UserExponent = Math.Clamp(Math.Round(o.UserExponent - 0.25, 3), 0, 2) },
        o => o with { ItemExponent = Math.Clamp(Math.Round(o.ItemExponent + 0.1, 3), 0, 1) },
    ];
}
