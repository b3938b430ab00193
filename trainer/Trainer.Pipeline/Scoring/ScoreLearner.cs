using Trainer.Data.Rows;
using Trainer.Data.Running;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Models.Factors;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// Learns the score's weights on windows that end with a day, from the days before each window. A logistic regression
/// over the pairs of users who purchased in a window gives the weights within a user; several sets of parts compete,
/// the strongest simple rule among them, and the best nDCG@20 on the last window decides with weights learned on the
/// windows before it. A complementary log-log regression over all users then sets the scale, the user's rate and the
/// constant, which makes exp(eta) the rate of purchases within <see cref="TemporalSplits.LearningWindow"/> days.
/// </summary>
/// <param name="dataset">The data.</param>
/// <param name="options">Settings.</param>
/// <param name="run">Threads, progress, cancellation; no result depends on it.</param>
/// <param name="checkpoints">Where an interrupted training resumes; null for none.</param>
/// <param name="fit">Fits the parts before a window; null for <see cref="ScopeModel.Fit"/> with the options.</param>
public sealed class ScoreLearner(
    Dataset dataset,
    TrainOptions options,
    RunContext run,
    AlsCheckpoints? checkpoints = null,
    Func<ScopedDataset, ScopeModel>? fit = null)
{
    private const int TopK = 20;
    private const int MiddleHalfLife = 1;
    private const double UserRidge = 1e-6;

    private readonly FeatureLayout _layout = FeatureLayout.Of(dataset);
    private readonly Dictionary<DateOnly, SplitSample?> _samples = [];
    private readonly Dictionary<DateOnly, LearningResult> _learned = [];

    // The windows to learn from, the last one first; one when it holds enough.
    private List<SplitSample> Splits(DateOnly day)
    {
        var splits = new List<SplitSample>();
        for (var k = 1; k <= TemporalSplits.MostLearning
            && Sample(day.AddDays(-k * TemporalSplits.LearningWindow)) is { } split; k++)
        {
            splits.Add(split);
            if (split.Holdout.IsEnough)
            {
                break;
            }
        }

        // One kind of similarity has one weight: splits too early for the supervised one are dropped.
        splits.RemoveAll(split => split.Model.Supervised != splits[0].Model.Supervised);
        return splits;
    }

    /// <summary>The score for predictions after <paramref name="day"/>; nothing after the day is read.</summary>
    public LearningResult Learn(DateOnly day)
    {
        // A model that is evaluated on the days of its calibration needs the same score twice.
        if (!_learned.TryGetValue(day, out var learned))
        {
            // The last window decides between the scores, so the users of its model are asked for.
            var last = day.AddDays(-TemporalSplits.LearningWindow);
            if (_samples.GetValueOrDefault(last) is { HasUsers: false })
            {
                _samples.Remove(last);
            }

            _learned[day] = learned = LearnFrom(Splits(day));
            if (!options.Rerank)
            {
                learned = _learned[day] = learned with { Splits = [.. learned.Splits.Select(WithoutUsers)] };
            }
        }

        return learned;
    }

    /// <summary>
    /// The score for predictions after the last day of the data: learned on the windows that end with it if
    /// <see cref="LearnsLatest"/>, otherwise the one that the evaluation judges.
    /// </summary>
    public LearningResult LearnLatest() => LearnsLatest ? Learn(dataset.LastBehaviorDay) : Judged();

    /// <summary>
    /// Whether the windows that end with the data teach the score that is published. A rule that the evaluation judges
    /// stays: nothing else was judged on these data. So does a score from a window that is enough: a second one would
    /// take gigabytes, and there is little chance in what so many users teach.
    /// </summary>
    public bool LearnsLatest => !Judged().Score.IsRule && Judged().Splits is not [{ Holdout.IsEnough: true }, ..];

    /// <summary>
    /// Keeps a fitted model and the <see cref="TemporalSplits.LearningWindow"/> days after it, so that learning on them
    /// costs no fit.
    /// </summary>
    public void Know(ScopeModel model, Holdout holdout) =>
        _samples[model.Scoped.Scope.End] = SplitSample.Draw(model, holdout, _layout, run);

    private LearningResult Judged() => Learn(dataset.LastBehaviorDay.AddDays(-TemporalSplits.LearningWindow));

    // A re-ranker learns from the users of all windows; nothing else asks for them again.
    private SplitSample WithoutUsers(SplitSample split)
    {
        var without = split with { Model = split.Model.WithoutUsers() };
        _samples[split.Model.Scoped.Scope.End] = without;
        return without;
    }

    private LearningResult LearnFrom(List<SplitSample> splits)
    {
        if (splits.Count == 0)
        {
            return new LearningResult(LearnedScore.Frequency(_layout, MiddleHalfLife), [], splits);
        }

        var competitors = Competitors(splits);
        var gains = CandidateScore.Ndcg(
            splits[0].Model,
            splits[0].Holdout,
            [.. competitors.Select(competitor => competitor.Score)],
            TopK,
            CandidateScore.MostUsers,
            run);
        var best = competitors[Best(competitors, gains)];
        return new LearningResult(
            WithUserRate(best.Splits.Count > 1 ? Fit(best.Score, best.Used, best.Splits) : best.Score, best.Splits),
            [.. competitors.Zip(gains, (competitor, gain) =>
                new CandidateResult(competitor.Score.Name, gain.Average()))],
            best.Splits);
    }

    // The best of the plain ones, the first of equal ones; a season only where it adds more than a standard error: what
    // a few windows say of one year is easily chance.
    private static int Best(List<Competitor> competitors, double[][] gains)
    {
        var best = 0;
        for (var n = 1; n < competitors.Count; n++)
        {
            double[] more = [.. gains[n].Zip(gains[best], (mine, other) => mine - other)];
            var (mean, error) = (more.Average(), 0.0);
            if (competitors[n].Seasonal)
            {
                error = Math.Sqrt(more.Sum(gain => (gain - mean) * (gain - mean))) / more.Length;
            }

            best = mean > error ? n : best;
        }

        return best;
    }

    // Simple ones first, those with a season last.
    private List<Competitor> Competitors(List<SplitSample> splits)
    {
        int[] seasons = [FeatureLayout.Season, FeatureLayout.SeasonChange];
        int[] all = [.. Enumerable.Range(0, _layout.Count).Except([.. seasons, FeatureLayout.Demand])];
        var competitors = Enumerable.Range(0, FeatureLayout.HalfLives.Length)
            .Select(halfLife => new Competitor(LearnedScore.Frequency(_layout, halfLife), [], splits))
            .ToList();
        Enter("own_and_rates", all.Except([FeatureLayout.Factors, FeatureLayout.Similarity]), splits);
        Enter("no_similarity", all.Except([FeatureLayout.Similarity]), splits);
        Enter("no_factors", all.Except([FeatureLayout.Factors]), splits);
        Enter("full", all, splits);
        EnterSeason("full_season", seasons[..1], split => split.Model.Signals.HasSeason);
        EnterSeason("full_season_change", seasons, split => split.Model.Signals.HasSeasonChange);
        return competitors;

        void Enter(string name, IEnumerable<int> used, List<SplitSample> windows, bool seasonal = false)
        {
            var (places, earlier) = (used.Order().ToArray(), windows.Count > 1 ? windows[1..] : windows);
            var score = LearnedScore.Frequency(_layout, 0) with { Name = name };
            competitors.Add(new Competitor(Fit(score, places, earlier), places, windows, seasonal));
        }

        // Learned where the year before is known, which must hold for the window that decides and one before it.
        void EnterSeason(string name, int[] more, Predicate<SplitSample> known)
        {
            var windows = splits.FindAll(known);
            if (known(splits[0]) && (windows.Count > 1 || splits.Count == 1))
            {
                Enter(name, all.Concat(more), windows, seasonal: true);
            }
        }
    }

    private LearnedScore Fit(LearnedScore score, int[] used, IReadOnlyList<SplitSample> splits) =>
        score.IsRule ? score : score.Fitted(used, splits, run);

    private LearnedScore WithUserRate(LearnedScore score, IReadOnlyList<SplitSample> splits)
    {
        // The score so far, then the user's features without the constant, which the regression adds.
        var rows = new PairSample(PairFeatures.UserFeatureCount);
        var row = new float[rows.Features];
        foreach (var everyone in splits.Select(split => split.Everyone))
        {
            for (var n = 0; n < everyone.Count; n++)
            {
                var values = everyone.Row(n);
                row[0] = (float)score.Pair(values);
                values[(_layout.Count + 1)..].CopyTo(row.AsSpan(1));
                rows.Add(row, everyone.Label(n), everyone.Weight(n));
            }
        }

        var used = Enumerable.Range(0, row.Length).ToArray();
        var (weights, constant) = BinaryRegression.Fit(rows, Link.ComplementaryLogLog, UserRidge, used, run);
        return weights[0] > 0
            ? score with
            {
                Weights = [.. score.Weights.Select(w => w * weights[0])],
                UserWeights = [constant, .. weights[1..]],
            }
            : score;
    }

    private SplitSample? Sample(DateOnly day)
    {
        if (!_samples.TryGetValue(day, out var sample))
        {
            sample = null;
            if (TemporalSplits.TryAt(dataset, day, TemporalSplits.LearningWindow, run) is { } split)
            {
                var model = fit is null ? Fit(split.Scoped, day) : fit(split.Scoped);
                sample = SplitSample.Draw(model, split.Holdout, _layout, run);
                ReleasedMemory.Collect(split.Scoped.EventCount);
            }

            _samples[day] = sample;
        }

        return sample;
    }

    private ScopeModel Fit(ScopedDataset before, DateOnly day) => ScopeModel.Fit(
        before,
        options,
        supervised: true,
        $"fit before {day.AddDays(1):yyyy-MM-dd} to learn the score",
        run,
        new AlsStart(Checkpoints: checkpoints));

    private sealed record Competitor(
        LearnedScore Score, int[] Used, List<SplitSample> Splits, bool Seasonal = false);
}
