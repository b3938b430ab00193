using Tests.Shared;
using Trainer.Data.Running;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Tuning;
using Trainer.Leaderboard.Splits;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;
using Xunit.Abstractions;

namespace Trainer.Tests.Leaderboard;

/// <summary>What the validation part must do: order settings as the test part does, whatever the numbers are.</summary>
public class ValidationRuleTests(ITestOutputHelper output)
{
    // Decides the plan; the clock stands still, so nothing is cut short.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(0.5);

    public static TheoryData<int, int, int, bool> Shapes => new()
    {
        { 300, 120, 40, false },
        { 300, 120, 40, true },
        { 1000, 600, 12, false },
        { 1000, 600, 12, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Ten_settings_rank_alike_on_validation_and_on_test(int users, int items, int length, bool sessions)
    {
        var made = MadeSplit.Of(users, items, length, sessions, 3);
        var run = Run();
        var trial = new Trial(
            ValidationSplit.OfFolds(made.Train, 1, 6000, 6000), 20, new Budget(Budget, run.Time, TextWriter.Null), run);
        var (validation, test) = (new List<double>(), new List<double>());
        foreach (var part in TenSettings())
        {
            validation.Add(trial.Evaluate(part).Value);
            test.Add(PerUser(made, new ModelSettings([part]), run).Average());
        }

        var coefficient = Spearman(validation, test);
        output.WriteLine(
            $"{users} users, {items} items, {length} a user, sessions {sessions}: Spearman {coefficient:F3}");

        // Seen: .988, .903, .952, .952 in this order of shapes; settings of nearly the same value change places.
        Assert.InRange(coefficient, 0.8, 1);
    }

    [Theory]
    [InlineData(200, 96, 40, true)]
    [InlineData(600, 300, 12, false)]
    public void Auto_is_not_below_the_defaults_of_any_model(int users, int items, int length, bool sessions)
    {
        var made = MadeSplit.Of(users, items, length, sessions, 4);
        var run = Run();
        var budget = new Budget(Budget, run.Time, TextWriter.Null);
        var auto = PerUser(made, Tuner.Run(made.Train, "auto", 20, budget, 1, run), run);
        var als = new AlsOptions { Factors = 128, UnobservedWeight = AlsOptions.SuggestUnobservedWeight(made.Train) };
        foreach (var part in new ModelPart[]
        {
            new() { Als = als },
            new() { Similarity = new() },
            new() { Ridge = new() },
        })
        {
            var gains = auto
                .Zip(PerUser(made, new ModelSettings([part]), run), (ours, other) => ours - other)
                .ToArray();
            var error = Math.Sqrt(gains.Sum(gain => gain * gain)) / gains.Length;
            output.WriteLine(
                $"{users} users, {items} items, sessions {sessions}: auto {auto.Average():F4}, {gains.Average():F4} "
                + $"more than {part.Name}, standard error {error:F4}");
            Assert.InRange(gains.Average(), -2 * error, 1);
        }
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(10, false)]
    public void Neither_numbers_nor_orders_change_settings_or_metrics(int length, bool sessions)
    {
        var made = MadeSplit.Of(200, 240, length, sessions, 5);
        var expected = Read(null);
        Assert.Equal(made.Train.Count, expected.Train.Columns.Length);
        Assert.Equivalent(expected, Read(new Random(1)), strict: true);
        Assert.Equivalent(expected, Read(new Random(2)), strict: true);

        (BenchmarkFacts Train, BenchmarkFacts Test, ListMetrics Metrics, string Settings) Read(Random? shuffle)
        {
            using var folder = new TemporaryFolder();
            var (train, test) = made.Write(folder.Path, shuffle);
            var split = BenchmarkSplit.Read(train, test, Run());
            var (_, metrics, settings) = Evaluator.Run(
                new() { Train = train, Test = test, Model = "similarity", Budget = Budget }, TextWriter.Null, Run());
            return (
                new(split.Train.Offsets, split.Train.Columns),
                new(split.Test.Offsets, split.Test.Columns),
                metrics,
                settings!.ToJson());
        }
    }

    private static IEnumerable<ModelPart> TenSettings()
    {
        var als = new AlsOptions { Factors = 32, Epochs = 8 };
        var ridge = new RidgeOptions { HistoryCap = 1000 };
        yield return new() { Als = als };
        yield return new() { Als = als with { Regularization = 0.3 } };
        yield return new() { Als = als with { Factors = 4 } };
        yield return new() { Als = als with { UnobservedWeight = 0.3, Regularization = 0.02 } };
        yield return new() { Similarity = new SimilarityOptions() };
        yield return new() { Similarity = new SimilarityOptions { Neighbors = 5 } };
        yield return new()
        {
            Similarity = new SimilarityOptions
            {
                UserExponent = 0.6,
                SourceExponent = 0.6,
                TargetExponent = 0.3,
                Shrinkage = 0,
            },
        };
        yield return new() { Ridge = ridge };
        yield return new() { Ridge = ridge with { Regularization = 0.01 } };
        yield return new() { Ridge = ridge with { Dense = true, Dropout = 0.5 } };
    }

    private static double[] PerUser(MadeSplit made, ModelSettings settings, RunContext run)
    {
        int[] users = [.. Enumerable.Range(0, made.Test.RowCount)];
        var ranking = Ranking.Compute(BlendModel.Fit(made.Train, settings, run).Scorer, made.Train, users, 20, run);
        return Array.ConvertAll(ListMetrics.Of(ranking, made.Test, 20), metrics => metrics.Ndcg);
    }

    private static double Spearman(List<double> a, List<double> b)
    {
        var (x, y) = (Ranks(a), Ranks(b));
        var squares = x.Zip(y, (left, right) => Math.Pow(left - right, 2)).Sum();
        return 1 - (6 * squares / (a.Count * ((a.Count * a.Count) - 1.0)));
    }

    private static double[] Ranks(List<double> values) =>
        [.. values.Select(value => (double)values.Count(other => other < value))];

    private static RunContext Run() => new() { Threads = 2, Time = new StillClock() };

    // What all models and draws are functions of.
    private sealed record BenchmarkFacts(long[] Offsets, int[] Columns);

    private sealed class StillClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
