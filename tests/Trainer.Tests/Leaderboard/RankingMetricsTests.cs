using Trainer.Evaluation.Metrics;
using Trainer.Models.Matrices;
using Trainer.Tests.Models;

namespace Trainer.Tests.Leaderboard;

public class RankingMetricsTests
{
    [Fact]
    public void Hand_computed_case()
    {
        // User 0 wants 1, 3, 5 and gets 3, 2, 1: hits at ranks 1 and 3. User 1 wants nothing. User 2 wants 4 and
        // misses.
        var truth = new InteractionMatrix(3, 6, [0, 3, 3, 4], [1, 3, 5, 4], [1, 1, 1, 1]);
        var ranking = new Ranking([0, 1, 2], 3, [3, 2, 1, 0, 1, 2, 0, 1, -1], new float[9]);
        var metrics = ListMetrics.Mean(ListMetrics.Of(ranking, truth, 3));
        Assert.Equal(2, ListMetrics.Of(ranking, truth, 3).Length);
        Assert.Equal(2.0 / 3 / 2, metrics.Recall, 12);
        Assert.Equal((1 + 0.5) / (1 + (1 / Math.Log2(3)) + 0.5) / 2, metrics.Ndcg, 12);
        Assert.Equal(0.5, metrics.Hit, 12);
        var first = ListMetrics.Mean(ListMetrics.Of(ranking, truth, 1));
        Assert.Equal(1.0 / 3 / 2, first.Recall, 12);
        Assert.Equal(0.5, first.RecallOfPossible, 12);
        Assert.Equal(0.5, first.Ndcg, 12);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 2)]
    [InlineData(300, 2)]
    public void Ranking_equals_a_full_sort(int k, int threads)
    {
        var history = RandomInteractions.Make(60, 203, 0.1, 2);
        // Few distinct scores: ties everywhere.
        var random = new Random(5);
        var table = Enumerable.Range(0, 60 * 203).Select(_ => (float)random.Next(-5, 5)).ToArray();
        int[] users = [.. Enumerable.Range(0, 60).Where(u => u % 7 != 3 && u is < 20 or > 40)];
        var ranking =
            Ranking.Compute(() => new TableScorer(table, 203), history, users, k, new() { Threads = threads });
        for (var n = 0; n < users.Length; n++)
        {
            var own = history.RowColumns(users[n]).ToArray();
            var expected = Enumerable.Range(0, 203).Except(own)
                .OrderByDescending(i => table[(users[n] * 203) + i]).ThenBy(i => i).Take(k).ToArray();
            Assert.Equal(expected, ranking.List(n)[..expected.Length].ToArray());
            Assert.All(ranking.List(n)[expected.Length..].ToArray(), item => Assert.Equal(-1, item));
        }
    }

    private sealed class TableScorer(float[] table, int items) : IItemScorer
    {
        public void Score(int firstUser, int count, Span<float> scores, int stride)
        {
            for (var n = 0; n < count; n++)
            {
                table.AsSpan((firstUser + n) * items, items).CopyTo(scores[(n * stride)..]);
            }
        }
    }
}
