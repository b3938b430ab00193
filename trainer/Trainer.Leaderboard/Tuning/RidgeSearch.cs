using Trainer.Models.Ridge;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Chooses lam, k, p and the exponents of <see cref="LocalRidge"/>, or of <see cref="DenseRidge"/> where the plan has
/// room for it. Local candidates of the same exponents share one Gram. The defaults are always a candidate.
/// </summary>
public static class RidgeSearch
{
    // Entries of the Gram together, 8 bytes each; two Grams may be alive at a time.
    private const int MostEntries = 90_000_000;
    private const int LeastGramNeighbors = 256;

    // With so few items long histories cost little.
    private const int DenseHistoryCap = 1000;

    /// <summary>Entries of a Gram row at most: memory is bounded whatever the number of items.</summary>
    /// <param name="items">Items, those of all folds together.</param>
    public static int Bound(int items) =>
        Math.Clamp(MostEntries / Math.Max(1, items), LeastGramNeighbors, new RidgeOptions().GramNeighbors);

    // Weights of one dense ridge, 4 bytes each; a blend has several.
    private const long MostWeights = 50_000_000;

    /// <summary>Whether all pairs of so many items fit into memory.</summary>
    /// <param name="items">Items of one fold.</param>
    /// <param name="folds">Folds.</param>
    public static bool FitsDense(long items, int folds) => items * items * folds <= MostWeights;

    /// <summary>Ridges that a sum gets.</summary>
    internal const int Parts = 2;

    // Beside the best ridge of a sum: all users count the same and popular items less.
    private const double OtherUserExponent = 0;
    private const double OtherItemExponent = 0.25;

    /// <summary>
    /// Returns the best part found and its value; for a sum also the same with other exponents.
    /// </summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="candidates">Candidates of a climb at most, beside the defaults.</param>
    /// <param name="dense">
    /// Whether all items predict each, instead of the k strongest; if the defaults are better than those, these climb.
    /// </param>
    /// <param name="alone">Whether the model is one ridge: then p of a local one is chosen too.</param>
    public static List<(FittedPart Part, double Value)> Run(
        Trial trial, double share, int candidates, bool dense, bool alone)
    {
        var search = new PartSearch(trial);
        var defaults = new RidgeOptions { GramNeighbors = Bound(trial.Fit.ColumnCount * trial.Split.Folds.Count) };
        Evaluate(defaults);

        // All items at once need less regularization than a few: every weight is shrunk by what the others explain.
        var first = dense
            ? defaults with { Dense = true, Regularization = 1, Dropout = 0.5, HistoryCap = DenseHistoryCap }
            : defaults with { Regularization = 4 };
        Climb(first, Evaluate(first));
        if (search.Best!.Value.Part.Settings.Ridge == defaults)
        {
            // Where items go together in small groups, a few neighbors that nobody tuned are better than all items.
            Climb(defaults, search.Best!.Value.Value);
        }

        var found = new List<(FittedPart Part, double Value)> { search.Best!.Value };
        var best = found[0].Part.Settings.Ridge!;
        var other = best with { UserExponent = OtherUserExponent, ItemExponent = OtherItemExponent };
        if (!alone && other != best && trial.MayContinue(share))
        {
            found.Add(trial.Evaluate(new ModelPart { Ridge = other }));
        }

        return found;

        void Climb(RidgeOptions start, double value) => CoordinateSearch.Climb(
            (start, value), Moves(start.Dense, alone), Evaluate, () => trial.MayContinue(share), candidates - 1);

        double Evaluate(RidgeOptions o) => search.Evaluate(new ModelPart { Ridge = o });
    }

    private static Func<RidgeOptions, RidgeOptions>[] Moves(bool dense, bool alone) =>
    [
        o => dense ? o : o with { Neighbors = Math.Min(128, o.Neighbors * 2) },
        o => !dense && !alone ? o : o with { Dropout = o.Dropout == 0 ? 0.5 : 0.75 },
        o => dense ? o with { Dropout = o.Dropout == 0.75 ? 0.5 : 0.25 } : o,
        o => o with { Regularization = Math.Min(200, o.Regularization * 2) },
        o => o with { Regularization = Math.Max(0.01, o.Regularization / 2) },
        o => o with { UserExponent = Math.Clamp(Math.Round(o.UserExponent + 0.25, 3), 0, 2) },
        o => o with { UserExponent = Math.Clamp(Math.Round(o.UserExponent - 0.25, 3), 0, 2) },
        o => o with { ItemExponent = Math.Clamp(Math.Round(o.ItemExponent + 0.1, 3), 0, 1) },
    ];
}
