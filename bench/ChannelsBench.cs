using System.CommandLine;
using System.Globalization;
using Engine.Scoring.Profiles;
using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;
using Trainer.Data.Progress;
using Trainer.Data.Rows;
using Trainer.Data.Scoping;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Splits;
using Trainer.Models.Matrices;
using Trainer.Models.Regression;
using Trainer.Models.Ridge;
using Trainer.Pipeline;
using Trainer.Pipeline.Fitting;
using Trainer.Pipeline.Scoring;
using Trainer.Pipeline.Settings;

namespace Bench;

/// <summary>
/// The verb <c>channels</c>: whether a similarity with weights of its own for each type of behaviour adds anything to one that
/// weighs the types beforehand. The same learning windows, pairs and regression as in training; judged on the last 30 days.
/// </summary>
internal static class ChannelsBench
{
    private const int Window = TemporalSplits.LearningWindow;
    private const int MostCuts = 3;
    private const int TopK = 10;

    /// <summary>Makes the verb.</summary>
    public static Command Create()
    {
        var dataset = new Option<string>("--dataset") { Description = "dataset.json", Required = true };
        var threads = new Option<int>("--threads") { Description = "Threads; they do not change the result", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("channels", "nDCG of one similarity for all types of behaviour, and of one for each") { dataset, threads };
        command.SetAction(parsed => Run(new TrainOptions { Dataset = parsed.GetRequiredValue(dataset), Out = "", Threads = parsed.GetValue(threads) }));
        return command;
    }

    private static void Run(TrainOptions options)
    {
        var data = TrainingPipeline.Read(options, NoProgress.Instance, CancellationToken.None);
        var layout = FeatureLayout.Of(data);
        var fits = new List<(FittedModel Model, Holdout Holdout)>();
        for (var k = 1; k <= 1 + MostCuts && TemporalSplits.TryAt(data, data.LastBehaviorDay.AddDays(-k * Window), Window) is { } cut; k++)
        {
            fits.Add((FittedModel.Fit(cut.Scoped, options, supervised: true, "", NoProgress.Instance, CancellationToken.None), cut.Holdout));
        }

        Console.WriteLine($"types {string.Join(", ", layout.Types)}; {fits[0].Holdout.Users.Length} users purchased in the last {Window} days");
        Console.WriteLine("| similarity | alone: nDCG@10 | in the score: nDCG@10 | against one for all |");
        Console.WriteLine("|---|---|---|---|");
        double[] before = [];
        foreach (var (name, types) in (ReadOnlySpan<(string, BehaviorType[][])>)[("one for all types", [layout.Types]), ("one for each type", [.. layout.Types.Select(type => (BehaviorType[])[type])])])
        {
            var models = fits.Where(fit => fit.Model.Supervised).Select(fit => (Model: WithChannels(fit.Model, types, options), fit.Holdout)).ToArray();
            var rows = new PairSample(layout.Count);
            foreach (var (model, holdout) in models.Skip(1))
            {
                rows.Add(SplitSample.Draw(model, holdout, layout, options.Threads).Buyers);
            }

            int[] used = [.. Enumerable.Range(0, layout.Count).Where(place => place != FeatureLayout.Season)];
            var (weights, _) = BinaryRegression.Fit(rows, Link.Logit, 1e-5, used, options.Threads);
            var alone = new double[layout.Count];
            alone[FeatureLayout.Similarity] = 1;
            LearnedScore[] scores = [.. new[] { alone, weights }.Select(x => new LearnedScore("", layout, x, new double[PairFeatures.UserFeatureCount], Supervised: true))];
            var judged = CandidateScore.Ndcg(models[0].Model, models[0].Holdout, scores, TopK, options.Threads);
            var gains = judged[1];
            before = before.Length == 0 ? gains : before;
            var difference = gains.Zip(before, (with, without) => with - without).ToArray();
            var interval = Bootstrap.Interval(difference);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {judged[0].Average():F4} | {gains.Average():F4} | {difference.Average():+0.0000;-0.0000;0} [{interval[0]:F4}, {interval[1]:F4}] |"));
        }
    }

    // The model with histories and similarity of channels x products: a channel is what some types say of each product.
    private static FittedModel WithChannels(FittedModel model, BehaviorType[][] channels, TrainOptions options)
    {
        var scoped = model.Scoped;
        var columns = channels.Length * scoped.ProductCount;
        var place = scoped.ProductSource.Select((source, product) => (source, product)).ToDictionary(pair => pair.source, pair => pair.product);
        var (history, targets) = (new List<(int, float)[]>(), new List<(int, float)[]>());
        for (var k = 1; k <= MostCuts && TemporalSplits.TryAt(scoped.Dataset, scoped.Scope.End.AddDays(-k * Window), Window) is { } cut; k++)
        {
            var earlier = Histories(cut.Scoped, channels, options, product => place.GetValueOrDefault(cut.Scoped.ProductSource[product], -1), scoped.ProductCount);
            foreach (var user in cut.Holdout.Users)
            {
                var bought = cut.Holdout.Truth.RowColumns(user).ToArray();
                history.Add(earlier[user]);
                targets.Add([.. bought.Select(product => (Column: place.GetValueOrDefault(cut.Scoped.ProductSource[product], -1), Weight: 1 / MathF.Sqrt(bought.Length)))
                    .Where(pair => pair.Column >= 0).OrderBy(pair => pair.Column)]);
            }
        }

        var settings = options.Ridge with { Threads = options.Threads };
        var ridge = new SupervisedRidge(Matrix(history, columns), Matrix(targets, columns), settings);
        var own = Matrix(Histories(scoped, channels, options, product => product, scoped.ProductCount), columns);
        return model with
        {
            Similarity = ridge.Solve(settings),
            Profiles = model.Profiles with { Weights = new SparseContent(own.Offsets, own.Columns, own.Weights), History = own.Weights },
        };
    }

    private static (int Column, float Weight)[][] Histories(
        ScopedDataset scoped, BehaviorType[][] channels, TrainOptions options, Func<int, int> place, int products)
    {
        var rows = new List<(int Column, float Weight)>[scoped.UserCount];
        var terms = PreferenceTerms.None with { HalfLives = FeatureLayout.HalfLives, HistoryHalfLifeDays = options.HistoryHalfLifeDays };
        for (var channel = 0; channel < channels.Length; channel++)
        {
            var weights = options.Weights;
            weights = weights with
            {
                View = channels[channel].Contains(BehaviorType.View) ? weights.View : 0,
                Favorite = channels[channel].Contains(BehaviorType.Favorite) ? weights.Favorite : 0,
                Cart = channels[channel].Contains(BehaviorType.Cart) ? weights.Cart : 0,
                Purchase = channels[channel].Contains(BehaviorType.Purchase) ? weights.Purchase : 0,
            };
            var profiles = UserProfiles.Build(
                UserProfiles.HistoryOf(scoped), scoped.LastDay, new ProfileTables(weights, terms), new float[scoped.ProductCount], options.Threads);
            for (var user = 0; user < scoped.UserCount; user++)
            {
                var entries = profiles.Weights.Row(user).Indices;
                for (var e = 0; e < entries.Length; e++)
                {
                    var weight = profiles.History[profiles.Weights.Offsets[user] + e];
                    if (weight > 0 && place(entries[e]) is >= 0 and var product)
                    {
                        (rows[user] ??= []).Add(((channel * products) + product, weight));
                    }
                }
            }
        }

        return Array.ConvertAll(rows, row => row is null ? [] : row.OrderBy(entry => entry.Column).ToArray());
    }

    private static InteractionMatrix Matrix(IReadOnlyList<(int Column, float Weight)[]> rows, int columns)
    {
        var offsets = new long[rows.Count + 1];
        for (var row = 0; row < rows.Count; row++)
        {
            offsets[row + 1] = offsets[row] + rows[row].Length;
        }

        return new InteractionMatrix(
            rows.Count, columns, offsets, [.. rows.SelectMany(row => row.Select(entry => entry.Column))], [.. rows.SelectMany(row => row.Select(entry => entry.Weight))]);
    }
}
