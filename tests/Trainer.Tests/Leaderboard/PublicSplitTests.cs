using Tests.Shared;
using Trainer.Evaluation.Metrics;
using Trainer.Leaderboard.Splits;

namespace Trainer.Tests.Leaderboard;

/// <summary>
/// Quality on real public splits, with the settings that <c>evaluate</c> has by itself but 32 factors. Deterministic.
/// </summary>
public class PublicSplitTests
{
    [DataFact("amazon-electronics")]
    public void Amazon_electronics_keeps_its_quality()
    {
        var (users, als) = Run("als", 2);
        var (_, similarity) = Run("similarity", 2);
        var (_, popularity) = Run("popularity", 2);
        Assert.Equal(1435, users);
        Assert.InRange(similarity.Recall, 0.130, 1);
        Assert.InRange(similarity.Ndcg, 0.077, 1);
        Assert.InRange(als.Recall, 0.10, 1);
        Assert.True(similarity.Ndcg > popularity.Ndcg);
        Assert.Equal(als, Run("als", 1).Metrics);
        Assert.Equal(similarity, Run("similarity", 1).Metrics);
    }

    private static (int Users, ListMetrics Metrics) Run(string model, int threads)
    {
        var folder = TestData.Folder("amazon-electronics");
        var options = new EvaluateOptions
        {
            Train = Path.Combine(folder, "train.txt.gz"),
            Test = Path.Combine(folder, "test.txt.gz"),
            Model = model,
        };
        var (users, metrics, _) = Evaluator.Run(
            options with { Als = options.Als with { Factors = 32 } },
            TextWriter.Null,
            new() { Threads = threads });
        return (users, metrics);
    }
}
