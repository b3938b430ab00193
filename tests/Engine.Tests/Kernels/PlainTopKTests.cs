using CsCheck;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Tests.Shared;

namespace Engine.Tests.Kernels;

public sealed class PlainTopKTests
{
    [Fact]
    public void Equals_the_definition() =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var trial = SearchTrial.Create(seed);
                var best = new ScoredRow[trial.K];
                var count = PlainTopK.Search(trial.Matrix, trial.Query, best, new TopKScratch());
                Assert.Equal(trial.Expected(), best[..count]);
            },
            iter: 300);

    [Theory]
    [MemberData(nameof(InstructionSets.Settings), MemberType = typeof(InstructionSets))]
    public void Instruction_sets_switched_off_change_no_bit(string off) =>
        Assert.Equal(Program.Run("plain-top-k"), InstructionSets.RunProbe("plain-top-k", off));

    [Fact]
    public void Allocates_nothing_after_warm_up()
    {
        var matrix = RandomFactors.Create(1000, 64, 3);
        var vector = RandomFactors.Query(matrix, 4);
        var best = new ScoredRow[100];
        var scratch = new TopKScratch();
        Assert.Equal(0, Allocations.Least(() => PlainTopK.Search(matrix, new() { Vector = vector }, best, scratch)));
    }

    [Fact]
    public void Wrong_questions_are_refused()
    {
        var matrix = RandomFactors.Create(70, 16, 5);
        var vector = new float[16];
        Refused(new() { Vector = new float[15] });
        Refused(new() { Vector = vector, Eligible = new ulong[1] });
        Refused(new() { Vector = vector, Eligible = new ulong[] { 0, 64 } });
        Refused(new() { Vector = vector, Excluded = new[] { 3, 3 } });
        Refused(new() { Vector = vector, Excluded = new[] { 70 } });
        Refused(new() { Vector = vector, Sparse = new[] { new SparseTerm(-1, 0) } });

        void Refused(TopKQuery query)
        {
            try
            {
                PlainTopK.Search(matrix, query, new ScoredRow[1], new TopKScratch());
            }
            catch (ArgumentException)
            {
                return;
            }

            Assert.Fail("not refused");
        }
    }
}
