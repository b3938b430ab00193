using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Models.Spectral;

namespace Trainer.Leaderboard.Tuning;

/// <summary>
/// What a search may try inside a budget, from the shape of the data and constant speeds alone, so that the same data
/// and budget give the same plan on any machine. The speeds are those of a busy machine.
/// </summary>
/// <param name="SimilaritySeconds">One similarity, fitted and evaluated.</param>
/// <param name="Dense">
/// Whether ridges are dense: where all pairs of items fit into memory and several inverses into the time.
/// </param>
/// <param name="RidgeSeconds">One ridge, its Gram, and its evaluation: dense, or of 128 neighbors.</param>
/// <param name="AlsSeconds">The whole search for ALS with <paramref name="Factors"/> at the end.</param>
/// <param name="AlsSteps">
/// Steps of its climb at most; null where there is time for the defaults alone, with as many factors as can be had.
/// </param>
/// <param name="Similarities">Similarities to try; 0 leaves the family out of a blend.</param>
/// <param name="Ridges">Ridges to try; 0 leaves the family out of a blend.</param>
/// <param name="Factors">Factors of the last ALS; 0 leaves the family out of a blend.</param>
/// <param name="LowPassFactors">Vectors of the largest low-pass filter; 0 leaves the family out of a blend.</param>
/// <param name="FinalSeconds">Fitting what may be chosen on all of train, and ranking all users.</param>
public sealed record SearchPlan(
    double SimilaritySeconds, bool Dense, double RidgeSeconds, double AlsSeconds, int? AlsSteps, int Similarities,
    int Ridges, int Factors, int LowPassFactors, double FinalSeconds)
{
    // The least and the most of a budget that searches use: predictions may be wrong.
    private const double LeastSearch = 0.4;
    private const double MostSearch = 0.9;

    // What one family is planned to take of the budget of a sum, well below what the clock leaves, for planned speeds
    // are guesses; and of its own.
    private const double MixedShare = 0.15;
    private const double AloneShare = 0.5;

    private const double RidgeFlopsPerThread = 6e9;
    private const double UpdatesPerThread = 6e7;
    private const double PairsPerThread = 5e9;
    private const double ScoresPerThread = 5e8;

    // Scoring users by their factors is one product of two large matrices: faster than solving many small systems.
    private const double ScoringFlopsPerThread = 3e10;

    // Factors of a validation fit and of the final one, and of their copies.
    private const double MostFactorBytes = 2e9;
    private const double DenseFlopsPerThread = 1e10;
    private const double DensePairsPerThread = 3e8;
    private const int LeastDense = 4;
    private const int MostSimilarities = 24;
    private const int MostRidges = 12;
    private const int MostAlsSteps = 6;

    // Evaluations of a search, about; together they may take this share of a budget.
    private const int Evaluations = 60;
    private const double EvaluationShare = 0.1;

    private static readonly int[] Sizes = [512, 256, 128, 64, 32];

    /// <summary>Plans the searches of a family, or of all.</summary>
    /// <param name="split">The data, as they are fitted and evaluated.</param>
    /// <param name="budget">Seconds for everything.</param>
    /// <param name="mixed">Whether a sum of all families is searched.</param>
    /// <param name="threads">Threads.</param>
    public static SearchPlan Of(ValidationSplit split, double budget, bool mixed, int threads)
    {
        var (updates, items) = (Updates(split.Fit), (double)split.Fit.ColumnCount);
        var evaluation = split.Users.Length * items / ScoresPerThread / threads;
        var pairs = (updates / UpdatesPerThread / threads) + (items * items / PairsPerThread / threads);
        var ridge =
            pairs + evaluation + (items * ((Math.Pow(128, 3) / 3) + (128 * Math.Min(2000, updates / items)))
                / RidgeFlopsPerThread / threads);
        var room = budget * (mixed ? MixedShare : AloneShare);
        var inverse = DenseSeconds(split, updates, threads);
        var dense = RidgeSearch.FitsDense(split.Fit.ColumnCount, split.Folds.Count) && room >= LeastDense * inverse;
        ridge = dense ? inverse : ridge;
        // More factors are what ALS gains most from, and the other families seldom need all of their room.
        var (factors, steps, search) = PlanAls(split, Math.Min(3 * room, 0.5 * budget), evaluation, threads);
        var ridges = Clamp(room / ridge, MostRidges);

        // The final fit is that of every part of a sum, and ranks all users instead of those evaluated: a similarity,
        // ridges, ALS of each size, three low-pass filters. Or it is that of one of them.
        var vectors = PlanLowPass(split, room, evaluation, threads);
        var fold = split.Folds[0];
        var finalRidges = Math.Min(ridges, mixed ? RidgeSearch.Parts + SparseSearch.Parts : 1);
        var rank = (1 + finalRidges) * (double)fold.RowCount * items / ScoresPerThread / threads;
        var sizes = Sizes.Where(size => size == factors
            || (mixed && size >= AlsSearch.ClimbedFactors && size < factors));
        var als = sizes.Sum(size =>
            FitSeconds(fold, size, 12, threads) + ScoreSeconds(fold.RowCount, items, size, threads));
        var lowPass = vectors == 0 ? 0 : 3 * LowPass.Seconds(fold, vectors, threads);
        return new SearchPlan(
            pairs + evaluation,
            dense,
            ridge,
            search,
            steps,
            Clamp(room / (pairs + evaluation), MostSimilarities),
            ridges,
            factors,
            vectors,
            rank + als + lowPass + pairs + (finalRidges * ridge / split.Folds.Count));
    }

    /// <summary>
    /// The share of a budget after which searches end: the rest is the planned time of the final fit.
    /// </summary>
    /// <param name="budget">Seconds for everything.</param>
    public double SearchShare(double budget) => Math.Clamp(1 - (FinalSeconds / budget), LeastSearch, MostSearch);

    private static double DenseSeconds(ValidationSplit split, double updates, int threads)
    {
        double items = split.Fit.ColumnCount;
        var rows = (double)split.Fit.Count / Math.Max(1, split.Fit.RowCount) * split.Users.Length;
        return ((split.Folds.Count * 2 * items * items * items / DenseFlopsPerThread)
            + (updates / DensePairsPerThread) + (rows * items / DensePairsPerThread)) / threads;
    }

    /// <summary>About how many users a search evaluates within a budget.</summary>
    /// <param name="items">Items.</param>
    /// <param name="budget">Seconds for everything.</param>
    /// <param name="threads">Threads.</param>
    public static double EvaluatedUsers(int items, double budget, int threads) =>
        EvaluationShare * budget / Evaluations * ScoresPerThread * threads / Math.Max(1, items);

    // The most factors for which halving, the two starts of a climb and the sizes between have room; where none has,
    // the most for which the defaults have: a search at fewer factors than theirs loses to them.
    private static (int Factors, int? Steps, double Seconds) PlanAls(
        ValidationSplit split, double room, double evaluation, int threads)
    {
        double Fit(int f, int epochs) => FitSeconds(split.Fit, f, epochs, threads)
            + evaluation + ScoreSeconds(split.Users.Length, split.Fit.ColumnCount, f, threads);
        int[] sizes = [.. Sizes.Where(size => FactorBytes(split, size) <= MostFactorBytes)];
        var climbed = Fit(AlsSearch.ClimbedFactors, 12);
        var halving = AlsSearch.Rounds.Sum(round => round.Points * Fit(round.Factors, round.Epochs));
        foreach (var size in sizes.Where(size => size >= AlsSearch.ClimbedFactors))
        {
            var larger = Sizes.Where(one => one > AlsSearch.ClimbedFactors && one <= size).Sum(one => Fit(one, 12));
            var needed = halving + (2 * climbed) + larger;
            if (needed <= room)
            {
                var steps = Clamp((room - needed) / climbed, MostAlsSteps);
                return (size, steps, needed + (steps * climbed));
            }
        }

        var alone = Array.Find(sizes, size => size <= AlsSearch.ClimbedFactors && Fit(size, 12) <= room);
        return (alone, null, alone == 0 ? 0 : Fit(alone, 12));
    }

    // The most vectors for which all sizes up to them have room, the greatest three times.
    private static int PlanLowPass(ValidationSplit split, double room, double evaluation, int threads)
    {
        var (most, seconds) = (0, 0.0);
        for (var size = LowPassSearch.LeastFactors; size <= LowPassSearch.MostFactors; size *= 2)
        {
            var last = LowPass.Seconds(split.Fit, size, threads) + evaluation
                + ScoreSeconds(split.Users.Length, split.Fit.ColumnCount, size, threads);
            seconds += last;
            if (seconds + (2 * last) > room || FactorBytes(split, size) > MostFactorBytes / 2)
            {
                break;
            }

            most = size;
        }

        return most;
    }

    private static double FitSeconds(InteractionMatrix fit, int factors, int epochs, int threads) =>
        epochs * AlsCost.EpochSeconds(fit, factors, threads);

    private static double ScoreSeconds(double users, double items, int factors, int threads) =>
        2.0 * users * items * factors / ScoringFlopsPerThread / threads;

    private static double FactorBytes(ValidationSplit split, int factors) =>
        2.0 * sizeof(float) * factors * (split.Fit.RowCount + (2.0 * split.Fit.ColumnCount));

    private static int Clamp(double count, int most) => (int)Math.Clamp(count, 0, most);

    private static double Updates(InteractionMatrix fit)
    {
        double updates = 0;
        for (var user = 0; user < fit.RowCount; user++)
        {
            updates += Math.Pow(Math.Min(300, fit.RowLength(user)), 2);
        }

        return updates;
    }
}
