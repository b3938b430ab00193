using Engine.Kernels.Solve;
using Tests.Shared;

namespace Engine.Tests.Kernels;

public class RowSolverTests
{
    /// <summary>
    /// Every length around the borders of tiles, panels and the dual, for odd and even factor counts.
    /// </summary>
    public static TheoryData<int, int> Shapes()
    {
        var data = new TheoryData<int, int>();
        foreach (var factors in new[] { 1, 5, 16, 33, 64 })
        {
            foreach (var length in Enumerable
                .Range(1, 34)
                .Concat([47, 48, 49, 63, 64, 65, 80, 128, 129, 255, 256, 257, 600]))
            {
                data.Add(factors, length);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Solves_the_normal_equations(int factors, int length)
    {
        var random = new Random((factors * 1000) + length);
        var problem = Problem.Make(random, 700, factors, length);
        var options = new RowSolverOptions(0.05, 0.01, 1, 700);
        var solver = new RowSolver(problem.Spectrum, options);
        var found = new float[factors];
        var loss = solver.Solve(problem.Rows, problem.Stride, problem.Ordinals, problem.Weights, found);

        var a = new double[factors, factors];
        var b = new double[factors];
        double total = 0;
        for (var k = 0; k < factors; k++)
        {
            a[k, k] = (0.05 * problem.Spectrum[k]) + options.RowRegularization(length);
        }

        for (var n = 0; n < length; n++)
        {
            total += problem.Weights[n];
            var row = problem.Rows.AsSpan(problem.Ordinals[n] * problem.Stride, factors);
            for (var k = 0; k < factors; k++)
            {
                b[k] += (double)problem.Weights[n] * row[k];
                for (var l = 0; l < factors; l++)
                {
                    a[k, l] += (double)problem.Weights[n] * row[k] * row[l];
                }
            }
        }

        var right = (double[])b.Clone();
        var expected = DenseSolve.Solve(a, b);
        var norm = Math.Sqrt(expected.Sum(x => x * x));
        for (var k = 0; k < factors; k++)
        {
            Assert.InRange(found[k], expected[k] - (2e-5 * norm), expected[k] + (2e-5 * norm));
        }

        var minimum = total - right.Zip(expected, (x, y) => x * y).Sum();
        Assert.InRange(loss, minimum - (1e-5 * total), minimum + (1e-5 * total));
    }

    [Theory]
    [MemberData(nameof(InstructionSets.Settings), MemberType = typeof(InstructionSets))]
    public void Instruction_sets_switched_off_change_no_bit(string off) =>
        Assert.Equal(Program.Run("row-solver"), InstructionSets.RunProbe("row-solver", off));

    [Fact]
    public void Same_bits_again_and_no_allocation()
    {
        var problem = Problem.Make(new Random(1), 300, 64, 200);
        var solver = new RowSolver(problem.Spectrum, new RowSolverOptions(0.05, 0.01, 0.5, 300));
        var (first, again) = (new float[64], new float[64]);
        solver.Solve(problem.Rows, problem.Stride, problem.Ordinals, problem.Weights, first);
        int[] lengths = [1, 5, 40, 200];
        Assert.Equal(0, Allocations.Least(() =>
        {
            foreach (var length in lengths)
            {
                solver.Solve(
                    problem.Rows,
                    problem.Stride,
                    problem.Ordinals.AsSpan(0, length),
                    problem.Weights.AsSpan(0, length),
                    again);
            }
        }));
        Assert.Equal(first, again);
    }

    [Fact]
    public void Other_columns_of_wider_rows_do_not_count()
    {
        var problem = Problem.Make(new Random(2), 100, 20, 12);
        var wide = new float[100 * 48];
        for (var row = 0; row < 100; row++)
        {
            problem.Rows.AsSpan(row * 32, 20).CopyTo(wide.AsSpan(row * 48));
            wide.AsSpan((row * 48) + 20, 28).Fill(7);
        }

        var solver = new RowSolver(problem.Spectrum, new RowSolverOptions(0.1, 0.1, 1, 100));
        var (narrow, same) = (new float[20], new float[20]);
        solver.Solve(problem.Rows, 32, problem.Ordinals, problem.Weights, narrow);
        solver.Solve(wide, 48, problem.Ordinals, problem.Weights, same);
        Assert.Equal(narrow, same);
    }

    [Fact]
    public void Refuses_rows_outside_the_matrix_and_shapes_that_do_not_fit()
    {
        var solver = new RowSolver([1.0, 0.5], new RowSolverOptions(0.1, 0.1, 1, 3));
        var rows = new float[3 * 16];
        Assert.Throws<ArgumentOutOfRangeException>(() => solver.Solve(rows, 16, [3], [1], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => solver.Solve(rows, 16, [-1], [1], new float[2]));
        Assert.Throws<ArgumentException>(() => solver.Solve(rows, 8, [0], [1], new float[2]));
        Assert.Throws<ArgumentException>(() => solver.Solve(rows, 16, [0], [1, 1], new float[2]));
        Assert.Throws<ArgumentException>(() => solver.Solve(rows, 16, [0], [1], new float[1]));
    }

    private sealed record Problem(double[] Spectrum, float[] Rows, int Stride, int[] Ordinals, float[] Weights)
    {
        public static Problem Make(Random random, int rows, int factors, int length)
        {
            var stride = (factors + 15) & ~15;
            var values = new float[rows * stride];
            for (var row = 0; row < rows; row++)
            {
                for (var k = 0; k < factors; k++)
                {
                    values[(row * stride) + k] = (float)(random.NextDouble() - 0.4);
                }
            }

            var spectrum =
                Enumerable.Range(0, factors).Select(_ => 100 * random.NextDouble()).OrderDescending().ToArray();
            var ordinals = Enumerable.Range(0, rows).ToArray();
            random.Shuffle(ordinals);
            var weights = Enumerable.Range(0, length).Select(_ => (float)(3 * random.NextDouble())).ToArray();
            return new Problem(spectrum, values, stride, ordinals[..length], weights);
        }
    }
}
