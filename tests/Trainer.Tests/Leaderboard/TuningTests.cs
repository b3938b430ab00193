using Engine;
using Tests.Shared;
using Trainer.Evaluation.Metrics;
using Trainer.Evaluation.Scorers;
using Trainer.Evaluation.Tuning;
using Trainer.Leaderboard.Splits;
using Trainer.Leaderboard.Tuning;
using Trainer.Models.Factors;
using Trainer.Models.Ridge;
using Trainer.Models.Spectral;
using Trainer.Tests.Models;

namespace Trainer.Tests.Leaderboard;

public class TuningTests
{
    [Fact]
    public void Validation_part_and_rest_make_up_train()
    {
        var train = RandomInteractions.Make(200, 80, 0.1, 1);
        var split = ValidationSplit.OfFold(train, 5, int.MaxValue);
        for (var user = 0; user < train.RowCount; user++)
        {
            var (fit, held) = (split.Fit.RowColumns(user).ToArray(), split.Held.RowColumns(user).ToArray());
            Assert.Empty(fit.Intersect(held));
            Assert.Equal(train.RowColumns(user).ToArray(), fit.Concat(held).Order());
            Assert.InRange(held.Length, train.RowLength(user) / 10, (train.RowLength(user) + 9) / 10);
            Assert.Equal(held.Length > 0, split.Users.Contains(user));
        }

        Assert.InRange(split.Held.Count, 0.09 * train.Count, 0.11 * train.Count);
        Assert.Equal(split.Held.Columns, ValidationSplit.OfFold(train, 5, int.MaxValue).Held.Columns);
        Assert.NotEqual(split.Held.Columns, ValidationSplit.OfFold(train, 6, int.MaxValue).Held.Columns);
        Assert.InRange(ValidationSplit.OfFold(train, 5, 60).Users.Length, 20, 110);
    }

    [Fact]
    public void A_small_set_is_evaluated_on_several_disjoint_folds()
    {
        var train = RandomInteractions.Make(50, 80, 0.2, 1);
        var split = ValidationSplit.OfFolds(train, 5, 200, 200);
        Assert.Equal(4, split.Folds.Count);
        Assert.Equal(4 * 50, split.Fit.RowCount);
        for (var user = 0; user < 50; user++)
        {
            var held =
                Enumerable.Range(0, 4).Select(fold => split.Held.RowColumns((fold * 50) + user).ToArray()).ToArray();
            Assert.Equal(held.Sum(items => items.Length), held.SelectMany(items => items).Distinct().Count());
            for (var fold = 0; fold < 4; fold++)
            {
                Assert.Equal(
                    train.RowColumns(user).ToArray().Except(held[fold]), split.Folds[fold].RowColumns(user).ToArray());
                Assert.Equal(
                    split.Folds[fold].RowColumns(user).ToArray(), split.Fit.RowColumns((fold * 50) + user).ToArray());
            }
        }

        Assert.Single(ValidationSplit.OfFolds(train, 5, 50, 50).Folds);
        Assert.Equal(5, ValidationSplit.OfFolds(train, 5, int.MaxValue, int.MaxValue).Folds.Count);
    }

    [Fact]
    public void The_time_that_is_left_for_the_final_fit_is_what_it_is_planned_to_take()
    {
        var split = ValidationSplit.OfFold(RandomInteractions.Make(2000, 500, 0.05, 1), 5, int.MaxValue);
        var plan = SearchPlan.Of(split, 100, mixed: true, 2);
        Assert.InRange(plan.FinalSeconds, 0.01, 50);
        Assert.Equal(0.9, plan.SearchShare(1000 * plan.FinalSeconds));
        Assert.Equal(0.75, plan.SearchShare(4 * plan.FinalSeconds), 12);
        Assert.Equal(0.4, plan.SearchShare(plan.FinalSeconds));
    }

    [Fact]
    public void More_time_never_plans_fewer_factors_and_a_search_has_those_of_the_defaults_at_least()
    {
        var split = ValidationSplit.OfFold(RandomInteractions.Make(4000, 2000, 0.01, 1), 5, int.MaxValue);
        var plans = Enumerable.Range(0, 14)
            .Select(step => SearchPlan.Of(split, Math.Pow(2, step) / 16, mixed: false, 2)).ToList();
        Assert.Equal(plans.Select(plan => plan.Factors).Order(), plans.Select(plan => plan.Factors));
        Assert.All(plans, plan => Assert.True(plan.AlsSteps is null || plan.Factors >= 128));
        Assert.Contains(plans, plan => plan is { AlsSteps: null, Factors: > 0 });
        Assert.Equal((512, 6), (plans[^1].Factors, plans[^1].AlsSteps));
        Assert.Equal(plans.Select(plan => plan.LowPassFactors).Order(), plans.Select(plan => plan.LowPassFactors));
        Assert.Equal((0, 256), (plans[0].LowPassFactors, plans[^1].LowPassFactors));
    }

    [Fact]
    public void A_sum_is_offered_filters_with_and_without_the_popularity_of_candidates()
    {
        var split = ValidationSplit.OfFold(RandomInteractions.Make(300, 150, 0.1, 1), 5, int.MaxValue);
        var budget = new Budget(TimeSpan.FromHours(1), TimeProvider.System, TextWriter.Null);
        var trial = new Trial(split, 20, budget, new());
        var parts = LowPassSearch.Run(trial, 1, 1, 64);
        Assert.Equal(0.5, parts[0].Part.Settings.LowPass!.TargetExponent);
        Assert.All(parts.Skip(1), part => Assert.Equal(0, part.Part.Settings.LowPass!.TargetExponent));
        Assert.InRange(parts.Count, 2, 3);
        Assert.All(parts, part => Assert.InRange(part.Value, 0.01, 1));
        Assert.All(parts, part => Assert.InRange(part.Part.Settings.LowPass!.Factors, 32, 64));
    }

    [Fact]
    public void A_sum_has_two_ridges_and_two_sparse_regressions()
    {
        var split = ValidationSplit.OfFold(RandomInteractions.Make(300, 150, 0.1, 1), 5, int.MaxValue);
        var budget = new Budget(TimeSpan.FromHours(1), TimeProvider.System, TextWriter.Null);
        var trial = new Trial(split, 20, budget, new());
        var parts = SparseSearch.Run(trial, 1, 6);
        Assert.Equal(SparseSearch.Parts, parts.Count);
        var best = parts[0].Part.Settings.Ridge!;
        Assert.Equal(best with { ItemExponent = 0.25 }, parts[1].Part.Settings.Ridge);
        foreach (var sparsity in new[] { best.Sparsity / 2, best.Sparsity * 2 })
        {
            Assert.InRange(
                trial.Evaluate(new ModelPart { Ridge = best with { Sparsity = sparsity } }).Value, 0, parts[0].Value);
        }

        var ridges = RidgeSearch.Run(trial, 1, 3, dense: true, alone: false);
        Assert.Equal(RidgeSearch.Parts, ridges.Count);
        var second = ridges[1].Part.Settings.Ridge!;
        Assert.Equal((0, 0.25), (second.UserExponent, second.ItemExponent));
        var sum = BlendSearch.Run(trial, [.. ridges.Concat(parts).Select(part => part.Part)]);
        Assert.Equal(RidgeSearch.Parts + SparseSearch.Parts, sum.Parts.Count);
        Assert.All(sum.Parts, part => Assert.InRange(part.Weight, double.Epsilon, double.MaxValue));
    }

    [Fact]
    public void Where_a_few_neighbors_predict_better_than_all_items_they_are_tuned_in_place_of_them()
    {
        // Items in threes that go together, and nothing else does.
        var random = new Random(1);
        var rows = Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 8).Select(_ => 3 * random.Next(200))
            .SelectMany(item => new[] { item, item + 1, item + 2 }.Where(_ => random.NextDouble() < 0.8))
            .Distinct().Order().ToArray());
        var split = ValidationSplit.OfFold(RandomInteractions.Of(rows, 600), 5, int.MaxValue);
        using var log = new StringWriter();
        var budget = new Budget(TimeSpan.FromHours(1), TimeProvider.System, log);
        var best = RidgeSearch.Run(new Trial(split, 20, budget, new()), 1, 12, dense: true, alone: false)[0];

        var lines = log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains("dense", StringComparison.Ordinal));
        Assert.False(best.Part.Settings.Ridge!.Dense);
        Assert.NotEqual(new RidgeOptions().Regularization, best.Part.Settings.Ridge.Regularization);
    }

    [Fact]
    public void Users_of_a_block_that_spans_two_carvings_are_scored_by_their_own_models()
    {
        var scores = new float[8 * 16];
        new FoldScorer([new Constant(1), new Constant(2), new Constant(3)], 5).Score(3, 8, scores, 16);
        Assert.Equal([1, 1, 2, 2, 2, 2, 2, 3], Enumerable.Range(0, 8).Select(row => scores[row * 16]));
    }

    [Fact]
    public void Settings_survive_their_json()
    {
        var settings = new ModelSettings(
        [
            new ModelPart { Als = new AlsOptions { Factors = 77, UnobservedWeight = 0.1 / 3, Seed = ulong.MaxValue } },
            new ModelPart
            {
                Ridge = new RidgeOptions { Regularization = 2.5, Dropout = 0.5 },
                Weight = 0.123456789012345,
            },
            new ModelPart { LowPass = new LowPassOptions { Factors = 33, TargetExponent = 0.25 } },
        ]);
        Assert.Equal(settings, ModelSettings.FromJson(settings.ToJson()));
        Assert.Throws<InputException>(() => ModelSettings.FromJson("{\"als\":"));
        Assert.Throws<InputException>(() => ModelSettings.FromJson("{\"unknown\":1}"));
        Assert.Throws<InputException>(() => ModelSettings.FromJson("null"));
        Assert.Throws<InputException>(() => ModelSettings.FromJson("{\"parts\":[]}"));
        Assert.Throws<InputException>(() => ModelSettings.FromJson("{\"parts\":[{\"weight\":1}]}"));
        Assert.Throws<InputException>(() => ModelSettings.FromJson("{\"parts\":[{\"als\":{\"factors\":0}}]}"));
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("1.5h", 5400)]
    public void Durations_are_read(string text, double seconds) =>
        Assert.Equal(seconds, Duration.Parse(text, "--budget")!.Value.TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("10")]
    [InlineData("0s")]
    [InlineData("-1m")]
    [InlineData("9999h")]
    public void Other_durations_are_refused(string text) =>
        Assert.Throws<InputException>(() => Duration.Parse(text, "--budget"));

    [Fact]
    public void Climb_finds_the_top_and_evaluates_nothing_twice()
    {
        var seen = new List<int>();
        double Evaluate(int x)
        {
            seen.Add(x);
            return -Math.Abs(x - 7);
        }

        var (best, value) = CoordinateSearch.Climb((0, -7.0), [x => x + 1, x => x - 1], Evaluate, () => true, 100);
        Assert.Equal((7, 0), (best, value));
        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(3, CoordinateSearch.Climb((0, -7.0), [x => x + 1], Evaluate, () => true, 3).Best);
        Assert.Equal(0, CoordinateSearch.Climb((0, -7.0), [x => x + 1], Evaluate, () => false, 3).Best);
    }

    [Theory]
    [InlineData(1, 1600, 2000)]
    [InlineData(40_981, 1600, 2000)]
    [InlineData(91_599, 720, 982)]
    [InlineData(int.MaxValue, 200, 256)]
    public void Neighbours_are_bounded_by_the_number_of_items(int items, int similar, int gram) =>
        Assert.Equal((similar, gram), (SimilaritySearch.Bound(items), RidgeSearch.Bound(items)));

    [Fact]
    public void Sums_add_weighted_scores()
    {
        var scores = new float[8 * 16];
        new SumScorer([(new Constant(2), 1), (new Constant(3), 0.5f)]).Score(0, 8, scores, 16);
        Assert.All(scores, score => Assert.Equal(3.5f, score));
    }

    [Fact]
    public void Models_that_need_tuning_say_so()
    {
        var options = new EvaluateOptions { Train = "a", Test = "b", Model = "auto" };
        Assert.Throws<InputException>(options.Validate);
        (options with { Budget = TimeSpan.FromSeconds(1) }).Validate();
    }

    [DataFact("amazon-electronics")]
    public void Tuning_is_repeatable_and_keeps_its_quality()
    {
        var folder = TestData.Folder("amazon-electronics");
        var options = new EvaluateOptions
        {
            Train = Path.Combine(folder, "train.txt.gz"),
            Test = Path.Combine(folder, "test.txt.gz"),
            Model = "similarity",
            Budget = TimeSpan.FromHours(1),
        };
        var (_, metrics, settings) = Evaluator.Run(options, TextWriter.Null, new());
        Assert.InRange(metrics.Ndcg, 0.079, 1);
        var (_, again, _) = Evaluator.Run(
            options with { Budget = null, Settings = ModelSettings.FromJson(settings!.ToJson()) },
            TextWriter.Null,
            new() { Threads = 1 });
        Assert.Equal(metrics, again);
        Assert.Equal(settings, Evaluator.Run(options, TextWriter.Null, new()).Settings);
    }

    private sealed class Constant(float value) : IItemScorer
    {
        public void Score(int firstUser, int count, Span<float> scores, int stride) => scores.Fill(value);
    }
}
