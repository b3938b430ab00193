using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using Trainer.Data.Progress;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Regression;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Bench;

/// <summary>
/// The verb <c>timing</c>: whether the Gamma-Poisson timing of repeats (<see cref="RepeatTiming"/>) adds anything to the score.
/// The same learning windows, pairs and regression as in training, with log P and with logit P of purchased products as one
/// feature more; judged on the last learning window, where training would choose, and on the last 30 days.
/// </summary>
internal static class TimingBench
{
    private const int Window = TemporalSplits.LearningWindow;
    private const int MostCuts = 3;
    private const int MostUsers = 2000;
    private const double Ridge = 1e-5;

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var dataset = new Option<string>("--dataset") { Description = "dataset.json", Required = true };
        var threads = new Option<int>("--threads") { Description = "Threads; they do not change the result", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("timing", "nDCG with and without the Gamma-Poisson timing of repeats") { dataset, threads };
        command.SetAction(parsed => Run(new TrainOptions { Dataset = parsed.GetRequiredValue(dataset), Out = "", Threads = parsed.GetValue(threads) }));
        return command;
    }

    private static void Run(TrainOptions options)
    {
        var data = TrainingPipeline.Read(options, NoProgress.Instance, CancellationToken.None);
        var layout = FeatureLayout.Of(data);
        var cuts = new List<Cut>();
        for (var k = 1; k <= 1 + MostCuts && TemporalSplits.TryAt(data, data.LastBehaviorDay.AddDays(-k * Window), Window) is { } cut; k++)
        {
            cuts.Add(new Cut(FittedModel.Fit(cut.Scoped, options, supervised: true, "", NoProgress.Instance, CancellationToken.None), cut.Holdout, layout));
        }

        Console.WriteLine("| parts | timing | nDCG@20, last learning window | nDCG@10, judged window | against without | weight |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var season = cuts.All(cut => cut.Model.Signals.HasSeason);
        var all = Enumerable.Range(0, layout.Count).Where(place => season || place != FeatureLayout.Season).ToArray();
        foreach (var (name, used) in (ReadOnlySpan<(string, int[])>)[("full", all), ("no_similarity", [.. all.Where(place => place != FeatureLayout.Similarity)])])
        {
            double[] without = [];
            foreach (var timing in (string[])["none", "log", "logit"])
            {
                int[] places = timing == "none" ? used : [.. used, timing == "log" ? layout.Count : layout.Count + 1];
                var learned = Fit(cuts.Skip(2), places, layout.Count + 2, options.Threads);
                var validation = cuts[1].Gains(learned, 20, options.Threads).Average();
                learned = Fit(cuts.Skip(1), places, layout.Count + 2, options.Threads);
                var judged = cuts[0].Gains(learned, 10, options.Threads);
                without = timing == "none" ? judged : without;
                var gains = judged.Zip(without, (with, before) => with - before).ToArray();
                var interval = Bootstrap.Interval(gains);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {timing} | {validation:F4} | {judged.Average():F4} | {gains.Average():+0.0000;-0.0000;0} [{interval[0]:F4}, {interval[1]:F4}] | {learned[layout.Count] + learned[layout.Count + 1]:F3} |"));
            }
        }
    }

    private static double[] Fit(IEnumerable<Cut> cuts, int[] used, int features, int threads)
    {
        var rows = new PairSample(features);
        foreach (var cut in cuts)
        {
            rows.Add(cut.Sample(threads));
        }

        return BinaryRegression.Fit(rows, Link.Logit, Ridge, used, threads).Weights;
    }

    private sealed class Cut(FittedModel model, Holdout holdout, FeatureLayout layout)
    {
        private readonly RepeatTiming _timing = RepeatTiming.Fit(model.Scoped);
        private PairSample? _sample;

        public FittedModel Model => model;

        private int[] Users { get; } = PairSampler.Evenly(holdout.Users, MostUsers);

        /// <summary>The pairs that training learns from, log P and logit P behind their features.</summary>
        public PairSample Sample(int threads)
        {
            if (_sample is null)
            {
                var byUser = new PairSample[Users.Length];
                Workers.Run(Users.Length, threads, () => 0, (_, n) =>
                {
                    var chances = Chances(Users[n]);
                    byUser[n] = PairSampler.Draw(model, holdout, [Users[n]], layout, layout.Count + 2, (pairs, product, row) => Write(pairs, chances, product, row), threads: 1);
                });
                _sample = new PairSample(layout.Count + 2);
                Array.ForEach(byUser, _sample.Add);
            }

            return _sample;
        }

        /// <summary>nDCG of every judged user.</summary>
        public double[] Gains(double[] weights, int k, int threads)
        {
            var score = new LearnedScore("", layout, weights[..layout.Count], new double[PairFeatures.UserFeatureCount], model.Supervised);
            var rates = Enumerable.Range(0, model.Scoped.ProductCount).Select(product => score.ProductRate(model.Signals, product)).ToArray();
            var gains = new double[Users.Length];
            Workers.Run(
                Users.Length,
                threads,
                () => (Pairs: new PairFeatures(model, layout), Row: new float[layout.Count + 2], Scores: new float[rates.Length], Top: new TopItems(k)),
                (scratch, n) =>
                {
                    scratch.Pairs.Compute(Users[n]);
                    TensorPrimitives.MultiplyAdd(scratch.Pairs.Factors, score.FactorWeight, rates, scratch.Scores);
                    TensorPrimitives.MultiplyAdd(scratch.Pairs.Similarity, score.SimilarityWeight, scratch.Scores, scratch.Scores);
                    var chances = Chances(Users[n]);
                    foreach (var product in scratch.Pairs.History)
                    {
                        Write(scratch.Pairs, chances, product, scratch.Row);
                        scratch.Scores[product] = (float)(score.Pair(scratch.Row.AsSpan(0, layout.Count))
                            + (weights[layout.Count] * scratch.Row[layout.Count]) + (weights[layout.Count + 1] * scratch.Row[layout.Count + 1]));
                    }

                    gains[n] = RankingMetrics.NdcgOf(scratch.Top.Select(scratch.Scores), holdout.Truth.RowColumns(Users[n]), k);
                });
            return gains;
        }

        private void Write(PairFeatures pairs, Dictionary<int, double> chances, int product, float[] row)
        {
            pairs.Write(product, row.AsSpan(0, layout.Count));
            var purchased = chances.TryGetValue(product, out var chance);
            row[layout.Count] = purchased ? (float)Math.Log(chance) : 0;
            row[layout.Count + 1] = purchased ? (float)Math.Log(chance / (1 - chance)) : 0;
        }

        private Dictionary<int, double> Chances(int user) => RepeatTiming.Of(model.Scoped, user)
            .ToDictionary(pair => pair.Key, pair => Math.Max(_timing.Chance(pair.Key, pair.Value.Repeats, pair.Value.Days, Window), 1e-9));
    }
}
