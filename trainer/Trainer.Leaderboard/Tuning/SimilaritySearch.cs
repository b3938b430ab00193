using Trainer.Models.Similarity;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// Chooses the exponents, the shrinkage and k of <see cref="ItemSimilarity"/>: the known members of the family
/// (RP3beta, the defaults, user-damped cosine, cosine, BM25, TF-IDF) first, then a climb from the best of them.
/// </summary>
public static class SimilaritySearch
{
    private const int StartNeighbors = 200;
    private const int MostNeighbors = 1600;

    // Neighbors of all items together, 12 bytes each; a few such matrices are alive at a time.
    private const int MostEntries = 66_000_000;

    /// <summary>k at most: memory is bounded whatever the number of items.</summary>
    /// <param name="items">Items, those of all folds together.</param>
    public static int Bound(int items) => Math.Clamp(MostEntries / Math.Max(1, items), StartNeighbors, MostNeighbors);

    /// <summary>Returns the best part found and its value.</summary>
    /// <param name="trial">Where candidates are evaluated.</param>
    /// <param name="share">The share of the budget after which no new candidate starts.</param>
    /// <param name="candidates">Candidates at most.</param>
    public static (FittedPart Part, double Value) Run(Trial trial, double share, int candidates)
    {
        var start = new SimilarityOptions { Neighbors = StartNeighbors };
        SimilarityOptions[] known =
        [
            start with { UserExponent = 0.6, SourceExponent = 0.6, TargetExponent = 0.3, Shrinkage = 0 },
            new(),
            start,
            start with { UserExponent = 0 },
            start with { Weighting = SimilarityWeighting.Bm25, Shrinkage = 0 },
            start with { Weighting = SimilarityWeighting.TfIdf, Shrinkage = 0 },
        ];
        var search = new PartSearch(trial);
        var best = (Candidate: known[0], Value: double.NegativeInfinity);
        foreach (var candidate in known.Take(Math.Max(1, candidates)))
        {
            if (search.Best is null || trial.MayContinue(share))
            {
                var value = Evaluate(candidate);
                best = value > best.Value ? (candidate, value) : best;
            }
        }

        CoordinateSearch.Climb(
            best,
            Moves(Bound(trial.Fit.ColumnCount * trial.Split.Folds.Count)),
            Evaluate,
            () => trial.MayContinue(share),
            candidates - known.Length);
        return search.Best!.Value;

        double Evaluate(SimilarityOptions o) => search.Evaluate(new ModelPart { Similarity = o });
    }

    private static Func<SimilarityOptions, SimilarityOptions>[] Moves(int most) =>
    [
        o => o with { Neighbors = Math.Min(most, o.Neighbors * 2) },
        // Exponents have no effect with other weightings: such a move returns its argument.
        o => o.Weighting == SimilarityWeighting.Power ? o with { SourceExponent = Step(o.SourceExponent, 0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { SourceExponent = Step(o.SourceExponent, -0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { TargetExponent = Step(o.TargetExponent, 0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { TargetExponent = Step(o.TargetExponent, -0.1) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { UserExponent = Step(o.UserExponent, 0.2) } : o,
        o => o.Weighting == SimilarityWeighting.Power ? o with { UserExponent = Step(o.UserExponent, -0.2) } : o,
        o => o with { Neighbors = Math.Max(25, o.Neighbors / 2) },
        o => o with { Shrinkage = o.Shrinkage < 1 ? 1 : Math.Min(64, o.Shrinkage * 3) },
        o => o with { Shrinkage = o.Shrinkage <= 1 ? 0 : o.Shrinkage / 3 },
    ];

    private static double Step(double value, double step) => Math.Clamp(Math.Round(value + step, 3), 0, 2);
}
