using CsCheck;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Scan;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;

namespace Engine.Tests.Kernels;

public sealed class ParallelTopKTests
{
    [Fact]
    public void Equals_the_plain_search_at_any_number_of_threads() =>
        Gen.Int[0, 1_000_000].Sample(seed => _ = AssertEqualsPlain(seed), iter: 200);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(50, 2)]
    [InlineData(10_000, 2)]
    public void Many_rows_without_an_order_are_ranked_exactly(int k, int threads)
    {
        var rows = Unordered(150_000, 8, 5);
        var vector = RandomFactors.Query(rows, 6);
        var expected = new ScoredRow[k];
        PlainTopK.Search(rows, new() { Vector = vector }, expected, new TopKScratch());
        var best = new ScoredRow[k];
        new ParallelTopK(TopKIndex.Build(rows), k, threads).Search(new() { Vector = vector }, best);
        Assert.Equal(expected, best);
    }

    [Fact]
    public void More_ties_than_a_list_holds_are_ranked_exactly()
    {
        // A list for 300 holds 66,736 candidates, and here 200,000 rows may be among the best.
        var lines = Enumerable.Range(0, 200_000).Select(i => new[] { i is > 100 and < 190 ? 2f : 1f }).ToArray();
        var rows = RandomFactors.Pack(lines, 1);
        float[] vector = new float[16];
        vector[0] = 1;
        var best = new ScoredRow[300];
        new ParallelTopK(TopKIndex.Build(rows), 300, 2).Search(new() { Vector = vector }, best);
        Assert.Equal(
            Enumerable.Range(101, 89).Concat(Enumerable.Range(0, 101)).Concat(Enumerable.Range(190, 110)),
            best.Select(b => b.Ordinal));
    }

    [Fact]
    public void The_curve_brackets_the_true_counts()
    {
        var rows = Unordered(100_000, 16, 7);
        var vector = RandomFactors.Query(rows, 8);
        var sparse = Enumerable.Range(0, 500).Select(i => new SparseTerm(i * 3, 0.5f)).ToArray();
        var eligible =
            Enumerable.Range(0, TopKQuery.WordsOf(rows.Rows)).Select(i => i % 3 == 0 ? ulong.MaxValue : 0).ToArray();
        eligible[^1] &= (1ul << (rows.Rows % 64)) - 1;
        var curve = new AudienceCurve();
        var query = new TopKQuery { Vector = vector, Sparse = sparse, Eligible = eligible };
        new ParallelTopK(TopKIndex.Build(rows), 1, 2).Search(query, new ScoredRow[1], curve);
        var all = new ScoredRow[rows.Rows];
        var count = PlainTopK.Search(rows, query, all, new TopKScratch());
        for (var i = 0; i < AudienceCurve.Thresholds; i++)
        {
            var (low, high) =
                (curve.Threshold(i) - (curve.ScoreError * 1.01f), curve.Threshold(i) + (curve.ScoreError * 1.01f));
            Assert.InRange(
                curve.CountAt(i), all[..count].Count(x => x.Score > high), all[..count].Count(x => x.Score >= low));
        }

        Assert.InRange(curve.ScoreError, 0, 0.1 * all[0].Score);
    }

    [Fact]
    public void A_search_in_descending_norm_skips_what_cannot_be_among_the_best()
    {
        var rows = RandomFactors.Create(100_000, 16, 9);
        var query = RandomFactors.Query(rows, 10);
        var search = new ParallelTopK(TopKIndex.Build(rows), 100, 1);
        var best = new ScoredRow[100];
        search.Search(new() { Vector = query }, best, null, out var effort);
        Assert.InRange(effort.CodedBlocks, 2, (rows.Rows / 64) - 1);
        search.Search(new() { Vector = query }, best, new AudienceCurve(), out effort);
        Assert.Equal((rows.Rows + 63) / 64, effort.CodedBlocks);
    }

    /// <summary>One trial against the plain search, with and without a curve; returns the curve's counts.</summary>
    internal static long[] AssertEqualsPlain(int seed)
    {
        var trial = SearchTrial.Create(seed);
        var index = TopKIndex.Build(trial.Matrix, seed % 2 % (trial.Matrix.Columns + 1));
        var expected = new ScoredRow[trial.K];
        var plain = PlainTopK.Search(trial.Matrix, trial.Query, expected, new TopKScratch());
        var search = new ParallelTopK(index, trial.K, 1 + (seed % 3));
        var best = new ScoredRow[trial.K];
        var curve = new AudienceCurve();
        foreach (var asked in new[] { curve, null, curve })
        {
            var count = search.Search(trial.Query, best, asked);
            Assert.Equal(expected[..plain], best[..count]);
        }

        return [.. Enumerable.Range(0, AudienceCurve.Thresholds).Select(curve.CountAt)];
    }

    private static FactorRows Unordered(int count, int columns, int seed)
    {
        var random = new Random(seed);
        return RandomFactors.Pack(
            Enumerable.Range(0, count)
                .Select(_ => Enumerable.Range(0, columns).Select(_ => (float)RandomFactors.Gaussian(random)).ToArray())
                .ToArray(),
            columns);
    }
}
