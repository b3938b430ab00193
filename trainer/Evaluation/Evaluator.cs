using System.Diagnostics;
using System.Globalization;
using Engine.Model.Kernels;
using Trainer.Models;

namespace Trainer.Evaluation;

/// <summary>Trains one model on a public split and measures it on the held-out part.</summary>
public static class Evaluator
{
    /// <summary>Runs <paramref name="options"/>, writing progress to <paramref name="output"/>.</summary>
    public static RankingMetrics Run(EvaluateOptions options, TextWriter output, CancellationToken cancellation = default)
    {
        options.Validate();
        var start = Stopwatch.GetTimestamp();
        var split = BenchmarkSplit.Read(options.Train, options.Test);
        Say(output, start, $"{split.UserIds.Length} users, {split.ItemIds.Length} items, {split.Train.Count} train, {split.Test.Count} test");
        var scorer = Train(options, split, output, start, cancellation);
        var users = Enumerable.Range(0, split.UserIds.Length).Where(user => split.Test.RowLength(user) > 0).ToArray();
        var ranking = Ranking.Compute(scorer, split.Train, users, options.K, options.Threads);
        if (options.Recommendations is { } path)
        {
            RecommendationFile.Write(path, ranking, split);
        }

        var metrics = RankingMetrics.Compute(ranking, split.Test, options.K);
        Say(output, start, $"ranked {metrics.Users} users");
        return metrics;
    }

    private static Func<IItemScorer> Train(
        EvaluateOptions options, BenchmarkSplit split, TextWriter output, long start, CancellationToken cancellation)
    {
        switch (options.Model)
        {
            case "als":
                var als = options.SuggestUnobserved
                    ? options.Als with { UnobservedWeight = AlsOptions.SuggestUnobservedWeight(split.Train) }
                    : options.Als;
                Say(output, start, $"als: {als}");
                var model = Als.Train(
                    split.Train,
                    als,
                    epoch => Say(
                        output,
                        start,
                        $"epoch {epoch.Number}/{als.Epochs} loss {epoch.Loss:F3} (observed {epoch.Observed:F3}) in {epoch.Time.TotalSeconds:F2} s"),
                    cancellation);
                var packed = new PackedRows(model.Items.Values, model.Items.Stride);
                return () => new FactorScorer(model.Users, packed);
            case "similarity":
                var similarity = ItemSimilarity.Compute(split.Train, options.Similarity, cancellation: cancellation);
                Say(output, start, $"similarity: {options.Similarity}");
                Say(output, start, $"similarity of {similarity.ItemCount} items, {similarity.Columns.Length} neighbours");
                return () => new SimilarityScorer(split.Train, similarity);
            default:
                return () => new PopularityScorer(split.Train);
        }
    }

    private static void Say(TextWriter output, long start, FormattableString line) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(start).TotalSeconds,7:F2} s] ")
        + line.ToString(CultureInfo.InvariantCulture));
}
