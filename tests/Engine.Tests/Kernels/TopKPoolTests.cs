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
