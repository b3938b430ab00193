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
    private const double Ridge = 1e-5;
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
            _learned[day] = learned = LearnFrom(Splits(day));
        }

        return learned;
    }

    private LearningResult LearnFrom(List<SplitSample> splits)
    {
        if (splits.Count == 0)
        {
            return new LearningResult(LearnedScore.Frequency(_layout, MiddleHalfLife), [], splits);
        }

        IReadOnlyList<SplitSample> earlier = splits.Count > 1 ? [.. splits.Skip(1)] : splits;
        var candidates = Candidates(season: splits.All(split => split.Model.Signals.HasSeason));
        var scores = Array.ConvertAll(candidates, candidate => Fit(candidate, earlier));
        var gains = Array.ConvertAll(
            CandidateScore.Ndcg(splits[0].Model, splits[0].Holdout, scores, TopK, run), users => users.Average());
        var best = Array.IndexOf(gains, gains.Max());
        return new LearningResult(
            WithUserRate(splits.Count > 1 ? Fit(candidates[best], splits) : scores[best], splits),
            [.. candidates.Zip(gains, (candidate, gain) => new CandidateResult(candidate.Name, gain))],
            splits);
    }

    // Simple ones first: of equal ones the first is taken.
    private (string Name, int[] Used)[] Candidates(bool season)
    {
        var all = Enumerable.Range(0, _layout.Count).Where(k => season || k != FeatureLayout.Season).ToArray();
        return
        [
            .. FeatureLayout.HalfLives.Select(
                (_, halfLife) => (LearnedScore.FrequencyName(halfLife), Array.Empty<int>())),
            ("own_and_rates", [.. all.Where(k => k is not (FeatureLayout.Factors or FeatureLayout.Similarity))]),
            ("no_similarity", [.. all.Where(k => k != FeatureLayout.Similarity)]),
            ("no_factors", [.. all.Where(k => k != FeatureLayout.Factors)]),
            ("full", all),
        ];
    }

    private LearnedScore Fit((string Name, int[] Used) candidate, IReadOnlyList<SplitSample> splits)
    {
        for (var halfLife = 0; halfLife < FeatureLayout.HalfLives.Length; halfLife++)
        {
            if (candidate.Name == LearnedScore.FrequencyName(halfLife))
            {
                return LearnedScore.Frequency(_layout, halfLife);
            }
        }

        var rows = new PairSample(_layout.Count);
        foreach (var split in splits)
        {
            rows.Add(split.Buyers);
        }

        var (weights, _) = BinaryRegression.Fit(rows, Link.Logit, Ridge, candidate.Used, run);
        return new LearnedScore(
            candidate.Name, _layout, weights, new double[PairFeatures.UserFeatureCount], splits[0].Model.Supervised);
    }

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
            if (TemporalSplits.TryAt(dataset, day, TemporalSplits.LearningWindow) is { } split)
            {
                var model = fit is null ? Fit(split.Scoped, day) : fit(split.Scoped);
                sample = SplitSample.Draw(model, split.Holdout, _layout, run);
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
}
