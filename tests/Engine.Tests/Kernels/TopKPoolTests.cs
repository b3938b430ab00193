using CsCheck;
using Engine.Kernels.Search;

namespace Engine.Tests.Kernels;

public sealed class TopKPoolTests
{
    [Fact]
    public void A_pool_answers_as_its_bitset_does() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var trial = SearchTrial.Create(seed);
                var eligible = trial.Eligible.Length > 0
                    ? trial.Eligible
                    : new ulong[TopKQuery.WordsOf(trial.Matrix.Rows)];
                var pool = new TopKPool(TopKIndex.Build(trial.Matrix, seed % 2 % (trial.Matrix.Columns + 1)), eligible);
                var expected = new ScoredRow[trial.K];
                var query = new TopKQuery
                {
                    Vector = trial.Vector,
                    Sparse = trial.Sparse,
                    Eligible = eligible,
                    Excluded = trial.Excluded,
                };
                var plain = PlainTopK.Search(trial.Matrix, query, expected, new TopKScratch());
                var best = new ScoredRow[trial.K];
                var open = new TopKQuery { Vector = trial.Vector, Sparse = trial.Sparse, Excluded = trial.Excluded };
                var count = pool.Search(open, best, new TopKScratch());
                Assert.Equal(expected[..plain], best[..count]);
            },
            iter: 300);

    [Fact]
    public void A_least_score_leaves_out_what_is_not_above_it_and_nothing_else() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var trial = SearchTrial.Create(seed);
                var expected = trial.Expected();
                var random = new Random(seed);
                var least = expected.Length == 0 ? 0 : expected[random.Next(expected.Length)].Score;
                least = random.Next(3) switch { 0 => least, 1 => MathF.BitDecrement(least), _ => least + 1 };
                var wanted = expected.TakeWhile(row => row.Score > least).ToArray();
                var best = new ScoredRow[trial.K];
                var index = TopKIndex.Build(trial.Matrix, seed % 2 % (trial.Matrix.Columns + 1));
                var query = new TopKQuery
                {
                    Vector = trial.Vector,
                    Sparse = trial.Sparse,
                    Eligible = trial.Eligible,
                    Excluded = trial.Excluded,
                    Least = least,
                };
                Assert.Equal(wanted, best[..index.Search(query, best, new TopKScratch())]);
                if (trial.Eligible.Length > 0)
                {
                    var open = new TopKQuery
                    {
                        Vector = trial.Vector,
                        Sparse = trial.Sparse,
                        Excluded = trial.Excluded,
                        Least = least,
                    };
                    var pool = new TopKPool(index, trial.Eligible);
                    Assert.Equal(wanted, best[..pool.Search(open, best, new TopKScratch())]);
                }
            },
            iter: 300);

    [Fact]
    public void What_is_too_far_below_a_rank_is_left_out_and_nothing_else() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var trial = SearchTrial.Create(seed);
                var expected = trial.Expected();
                var random = new Random(seed);
                var near = random.Next(1, Math.Min(expected.Length, 20) + 2);
                var slack = near >= expected.Length || random.Next(4) == 0
                    ? 0
                    : expected[near - 1].Score - expected[random.Next(near, expected.Length)].Score;
                slack = float.IsFinite(slack) ? slack : 0;
                var wanted = near > expected.Length
                    ? expected
                    : [.. expected.Where(row => row.Score >= expected[near - 1].Score - slack)];
                var best = new ScoredRow[trial.K];
                var index = TopKIndex.Build(trial.Matrix, seed % 2 % (trial.Matrix.Columns + 1));
                var query = trial.Query with { Near = near, Slack = slack };
                Assert.Equal(wanted, best[..index.Search(query, best, new TopKScratch())]);
                if (trial.Eligible.Length > 0)
                {
                    var pool = new TopKPool(index, trial.Eligible);
                    var open = query with { Eligible = [] };
                    Assert.Equal(wanted, best[..pool.Search(open, best, new TopKScratch())]);
                }
            },
            iter: 1_000);

    [Fact]
    public void Selective_pools_are_packed()
    {
        var index = TopKIndex.Build(RandomFactors.Create(640, 16, 1));
        Assert.True(new TopKPool(index, new ulong[] { 7, 0, 0, 0, 0, 0, 0, 0, 0, 1 }).IsPacked);
        Assert.True(new TopKPool(index, new ulong[10]).IsPacked);
        var all = new ulong[10];
        Array.Fill(all, ulong.MaxValue);
        Assert.False(new TopKPool(index, all).IsPacked);
        Assert.Equal(640, new TopKPool(index, all).Count);
    }
}
