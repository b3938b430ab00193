using Engine.Kernels.Solve;
using Tests.Shared;

namespace Engine.Tests.Kernels;

public class RowBatchSolverTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(128)]
    public void Every_length_and_fill_gives_the_bits_of_single_solves(int factors)
    {
        var lengths = Enumerable.Range(1, 200).TakeWhile(n => RowBatchSolver.Accepts(n, factors)).ToArray();
        Assert.Equal(Enumerable.Range(1, lengths.Length), lengths);
        Assert.InRange(lengths.Length, Math.Min(factors, 64), (factors + 15) & ~15);
        foreach (var length in lengths)
        {
            var trial = new BatchTrial(factors, length, 8, (1000 * factors) + length);
            foreach (var fill in (int[])[1, 3, 8])
            {
                var (rows, losses) = trial.SolveBatch(fill);
                var (expectedRows, expectedLosses) = trial.SolveOneByOne(fill);
                Assert.Equal(expectedLosses, losses);
                Assert.Equal(
                    expectedRows.Select(BitConverter.SingleToInt32Bits), rows.Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var trial = new BatchTrial(32, 20, 8, 1);
        trial.SolveBatch(8);
        var (rows, losses) = (new float[8 * 32], new double[8]);
        Assert.Equal(0, Allocations.Least(() => trial.SolveBatch(8, rows, losses)));
    }

    [Fact]
    public void Refuses_what_lies_outside_its_arrays()
    {
        var solver = new RowBatchSolver([1.0, 0.5], new RowSolverOptions(0.1, 0.1, 1, 3));
        void Solve(long[] offsets, int[] columns, int[] rows, int rooms) => solver.Solve(
            new float[3 * 16],
            16,
            new RowBatch(offsets, columns, new float[columns.Length], rows),
            new float[rooms * 16],
            new double[rooms]);
        Solve([0, 2, 4], [0, 1, 1, 2], [0, 1], 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => Solve([0, 1], [3], [0], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Solve([0, 1], [-1], [0], 1));
        Assert.Throws<ArgumentException>(() => Solve([0, 1, 3], [0, 0, 1], [0, 1], 2));
        Assert.Throws<ArgumentException>(() => Solve([0, 2], [0], [0], 1));
        Assert.Throws<ArgumentException>(() => Solve([0, 1, 2], [0, 1], [1], 1));
        Assert.Throws<ArgumentException>(() => Solve([0, 0], [], [0], 1));
        Assert.Throws<ArgumentException>(() => Solve([0, 1], [0], [], 1));
    }
}
