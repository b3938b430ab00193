using Trainer.Data.Progress;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Splits;
using Trainer.Models.Factors;
using Trainer.Models.Regression;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Settings;

namespace Trainer.Pipeline.Scoring;

/// <summary>
/// Learns the score's weights on windows that end with a day, from what lies before each window. A logistic regression over
/// the pairs of users who purchased in a window gives the weights within a user; several sets of parts compete, the strongest
/// simple rule among them, and the best nDCG@20 on the last window decides with weights learned on the windows before it. A
/// complementary log-log regression over all users then sets the scale, the user's rate and the constant, which makes exp(eta)
/// the rate of purchases within <see cref="TemporalSplits.LearningWindow"/> days.
/// </summary>
/// <param name="dataset">The data.</param>
/// <param name="options">Settings.</param>
/// <param name="progress">Where progress goes.</param>
/// <param name="cancel">Stops between steps.</param>
/// <param name="checkpoints">What an interrupted training goes on from; null for none.</param>
/// <param name="fit">Fits the parts before a window; null for <see cref="FittedModel.Fit"/> with the options.</param>
public sealed class ScoreLearner(
    Dataset dataset,
    TrainOptions options,
    IProgressReporter progress,
    CancellationToken cancel,
    AlsCheckpoints? checkpoints = null,
    Func<ScopedDataset, FittedModel>? fit = null)
{
    private const int TopK = 20;
    private const double Ridge = 1e-5;
    private const double UserRidge = 1e-6;

    private readonly FeatureLayout _layout = FeatureLayout.Of(dataset);
    private readonly Dictionary<DateOnly, SplitSample?> _samples = [];
    private readonly Dictionary<DateOnly, (LearnedScore Score, CandidateResult[] Candidates)> _learned = [];

    /// <summary>The windows that <see cref="Learn"/> learns from, the last one first; one when it holds enough.</summary>
    public IReadOnlyList<SplitSample> Cuts(DateOnly day)
    {
        var cuts = new List<SplitSample>();
        for (var k = 1; k <= TemporalSplits.MostLearning && Sample(day.AddDays(-k * TemporalSplits.LearningWindow)) is { } cut; k++)
        {
            cuts.Add(cut);
            if (cut.Holdout.IsEnough)
            {
                break;
            }
        }

        // One kind of similarity has one weight: cuts too early for the supervised one are left out.
        cuts.RemoveAll(cut => cut.Model.Supervised != cuts[0].Model.Supervised);
        return cuts;
    }

    /// <summary>The score for predictions after <paramref name="day"/>; nothing after the day is read.</summary>
    /// <returns>The score, and how its competitors did; none when the data before the day are too short to learn from.</returns>
    public (LearnedScore Score, CandidateResult[] Candidates) Learn(DateOnly day)
    {
        // A model judged on the days of the calibration asks for the same score twice.
        if (!_learned.TryGetValue(day, out var learned))
        {
            _learned[day] = learned = LearnFrom(Cuts(day));
        }

        return learned;
    }

    private (LearnedScore Score, CandidateResult[] Candidates) LearnFrom(IReadOnlyList<SplitSample> cuts)
    {
        if (cuts.Count == 0)
        {
            return (LearnedScore.Frequency(_layout), []);
        }

        IReadOnlyList<SplitSample> earlier = cuts.Count > 1 ? [.. cuts.Skip(1)] : cuts;
        var candidates = Candidates(season: cuts.All(cut => cut.Model.Signals.HasSeason));
        var scores = Array.ConvertAll(candidates, candidate => Fit(candidate, earlier));
        var gains = Array.ConvertAll(CandidateScore.Ndcg(cuts[0].Model, cuts[0].Holdout, scores, TopK, options.Threads), users => users.Average());
        var best = Array.IndexOf(gains, gains.Max());
        return (
            WithUserRate(cuts.Count > 1 ? Fit(candidates[best], cuts) : scores[best], cuts),
            [.. candidates.Zip(gains, (candidate, gain) => new CandidateResult(candidate.Name, gain))]);
    }

    // Simple ones first: of equal ones the first is taken.
    private (string Name, int[] Used)[] Candidates(bool season)
    {
        var all = Enumerable.Range(0, _layout.Count).Where(k => season || k != FeatureLayout.Season).ToArray();
        return
        [
            ("frequency", []),
            ("own_and_rates", [.. all.Where(k => k is not (FeatureLayout.Factors or FeatureLayout.Similarity))]),
            ("no_similarity", [.. all.Where(k => k != FeatureLayout.Similarity)]),
            ("no_factors", [.. all.Where(k => k != FeatureLayout.Factors)]),
            ("full", all),
        ];
    }

    private LearnedScore Fit((string Name, int[] Used) candidate, IReadOnlyList<SplitSample> cuts)
    {
        if (candidate.Used.Length == 0)
        {
            return LearnedScore.Frequency(_layout);
        }

        var rows = new PairSample(_layout.Count);
        foreach (var cut in cuts)
        {
            rows.Add(cut.Buyers);
        }

        var (weights, _) = BinaryRegression.Fit(rows, Link.Logit, Ridge, candidate.Used, options.Threads);
        return new LearnedScore(candidate.Name, _layout, weights, new double[PairFeatures.UserFeatureCount], cuts[0].Model.Supervised);
    }

    private LearnedScore WithUserRate(LearnedScore score, IReadOnlyList<SplitSample> cuts)
    {
        // The score so far, then the user's features but the constant, which the regression brings itself.
        var rows = new PairSample(PairFeatures.UserFeatureCount);
        var row = new float[rows.Features];
        foreach (var everyone in cuts.Select(cut => cut.Everyone))
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
        var (weights, constant) = BinaryRegression.Fit(rows, Link.ComplementaryLogLog, UserRidge, used, options.Threads);
        return weights[0] > 0
            ? score with { Weights = [.. score.Weights.Select(w => w * weights[0])], UserWeights = [constant, .. weights[1..]] }
            : score;
    }

    private SplitSample? Sample(DateOnly day)
    {
        if (!_samples.TryGetValue(day, out var sample))
        {
            sample = null;
            if (TemporalSplits.TryAt(dataset, day, TemporalSplits.LearningWindow) is { } cut)
            {
                var model = fit is null ? Fit(cut.Scoped, day) : fit(cut.Scoped);
                sample = SplitSample.Draw(model, cut.Holdout, _layout, options.Threads);
            }

            _samples[day] = sample;
        }

        return sample;
    }

    private FittedModel Fit(ScopedDataset before, DateOnly day) => FittedModel.Fit(
        before, options, supervised: true, $"fit before {day.AddDays(1):yyyy-MM-dd} to learn the score", progress, cancel, new AlsStart(Checkpoints: checkpoints));
}

/// <summary>How a competitor for the score did on the last learning window.</summary>
/// <param name="Name">Which parts it has.</param>
/// <param name="Ndcg">nDCG@20.</param>
public sealed record CandidateResult(string Name, double Ndcg);
