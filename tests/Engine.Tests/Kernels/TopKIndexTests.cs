using CsCheck;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Tests.Shared;

namespace Engine.Tests.Kernels;

public sealed class TopKIndexTests
{
    [Fact]
    public void Equals_the_plain_search_bit_for_bit() =>
        Gen.Int[0, 1_000_000].Sample(seed => AssertEqualsPlain(seed), iter: 600);

    [Theory]
    [MemberData(nameof(InstructionSets.Settings), MemberType = typeof(InstructionSets))]
    public void Instruction_sets_switched_off_change_no_bit(string off) =>
        Assert.Equal(Program.Run("top-k-index"), InstructionSets.RunProbe("top-k-index", off));

    [Fact]
    public void Reads_few_rows_where_norms_fall()
    {
        var matrix = RandomFactors.Create(20_000, 64, 7);
        var index = TopKIndex.Build(matrix);
        var best = new ScoredRow[10];
        index.Search(new() { Vector = RandomFactors.Query(matrix, 8) }, best, new TopKScratch(), out var effort);
        Assert.InRange(effort.CodedBlocks, 1, 20_000 / 64 / 4);
        Assert.InRange(effort.CodedColumns, effort.CodedBlocks, (effort.CodedBlocks * 60) + (4 * 64));
        Assert.InRange(effort.ExactRows, 10, 100);
    }

    [Fact]
    public void A_zero_query_returns_the_first_rows_and_reads_no_codes()
    {
        var index = TopKIndex.Build(RandomFactors.Create(5_000, 20, 9));
        var best = new ScoredRow[3];
        index.Search(new() { Vector = new float[index.Rows.Stride] }, best, new TopKScratch(), out var effort);
        Assert.Equal([new(0, 0), new(1, 0), new(2, 0)], best);
        Assert.Equal(0, effort.CodedColumns);
        Assert.InRange(effort.ExactRows, 3, 256);
    }

    /// <summary>What is coded once for several searches is coded anew for another vector.</summary>
    [Fact]
    public void Vectors_in_turns_on_one_scratch_are_searched_as_on_their_own()
    {
        var index = TopKIndex.Build(RandomFactors.Create(3_000, 64, 3));
        var scratch = new TopKScratch();
        float[][] vectors = [.. Enumerable.Range(5, 3).Select(seed => RandomFactors.Query(index.Rows, seed)),
            new float[index.Rows.Stride], RandomFactors.Query(index.Rows, 9, 1e-30f)];
        foreach (var turn in (int[])[0, 0, 1, 0, 2, 3, 2, 4, 2, 2, 3, 3, 0])
        {
            var (expected, best) = (new ScoredRow[10], new ScoredRow[10]);
            index.Search(new() { Vector = vectors[turn] }, expected, new TopKScratch(), out var fresh);
            index.Search(new() { Vector = vectors[turn] }, best, scratch, out var effort);
            Assert.Equal(expected, best);
            Assert.Equal(fresh, effort);
        }
    }

    [Fact]
    public void Allocates_nothing_after_warm_up()
    {
        var matrix = RandomFactors.Create(3000, 70, 3);
        var index = TopKIndex.Build(matrix, 2);
        var vector = RandomFactors.Query(matrix, 4);
        var sparse = Enumerable.Range(0, 50).Select(i => new SparseTerm(i * 7, 0.1f)).ToArray();
        var best = new ScoredRow[100];
        var scratch = new TopKScratch();
        Assert.Equal(
            0, Allocations.Least(() => index.Search(new() { Vector = vector, Sparse = sparse }, best, scratch)));
    }

    /// <summary>
    /// One trial against the plain search; the scratch is used twice, so what the first leaves behind shows.
    /// </summary>
    internal static ScoredRow[] AssertEqualsPlain(int seed)
    {
        var trial = SearchTrial.Create(seed);
        var index = TopKIndex.Build(trial.Matrix, seed % 3 % (trial.Matrix.Columns + 1));
        var expected = new ScoredRow[trial.K];
        var plain = PlainTopK.Search(trial.Matrix, trial.Query, expected, new TopKScratch());
        var best = new ScoredRow[trial.K];
        var scratch = new TopKScratch();
        var summed = trial.Summed(new SparseSums());
        Assert.Equal(plain, PlainTopK.Search(trial.Matrix, summed, best, scratch));
        Assert.Equal(expected[..plain], best[..plain]);
        for (var round = 0; round < 2; round++)
        {
            var count = index.Search(trial.Query, best, scratch);
            Assert.Equal(expected[..plain], best[..count]);
            Assert.Equal(plain, index.Search(summed, best, scratch));
            Assert.Equal(expected[..plain], best[..plain]);
        }

        return best[..plain];
    }
}
