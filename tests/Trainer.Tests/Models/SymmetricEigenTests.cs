using Trainer.Models.Factors;

namespace Trainer.Tests.Models;

public class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(64)]
    [InlineData(129)]
    public void Vectors_are_orthonormal_and_rebuild_the_matrix(int n)
    {
        var random = new Random(n);
        var factor = Enumerable.Range(0, n * n).Select(_ => random.NextDouble() - 0.5).ToArray();
        var matrix = new double[n * n];
        Each(
            n,
            (i, j) => matrix[(i * n) + j] = Enumerable.Range(0, n).Sum(k => factor[(i * n) + k] * factor[(j * n) + k]));
        var (values, vectors) = SymmetricEigen.Decompose(matrix, n);
        Assert.Equal(values.OrderByDescending(v => v), values);
        Each(n, (i, j) =>
        {
            var product = Enumerable.Range(0, n).Sum(k => vectors[(i * n) + k] * vectors[(j * n) + k]);
            Assert.InRange(product, (i == j ? 1 : 0) - 1e-12, (i == j ? 1 : 0) + 1e-12);
            var rebuilt = Enumerable.Range(0, n).Sum(k => values[k] * vectors[(k * n) + i] * vectors[(k * n) + j]);
            Assert.InRange(rebuilt, matrix[(i * n) + j] - (1e-12 * n), matrix[(i * n) + j] + (1e-12 * n));
        });
    }

    [Fact]
    public void Zero_diagonal_and_repeated_values_are_no_special_case()
    {
        Assert.Equal([0, 0, 0], SymmetricEigen.Decompose(new double[9], 3).Values);
        Assert.Equal([5, 2, 2], SymmetricEigen.Decompose([2, 0, 0, 0, 5, 0, 0, 0, 2], 3).Values);
        var (values, _) = SymmetricEigen.Decompose([0, 1, 1, 0], 2);
        Assert.InRange(values[0], 1 - 1e-15, 1 + 1e-15);
        Assert.InRange(values[1], -1 - 1e-15, -1 + 1e-15);
    }

    [Theory]
    [InlineData(1e-155)]
    [InlineData(1e-160)]
    [InlineData(1e-300)]
    [InlineData(double.Epsilon)]
    public void Columns_whose_squares_underflow_count_as_0(double tiny)
    {
        var (values, vectors) = SymmetricEigen.Decompose([3, tiny, tiny, tiny, 2, tiny, tiny, tiny, 1], 3);
        Assert.Equal([3, 2, 1], values);
        Assert.All(vectors, cell => Assert.True(double.IsFinite(cell)));
    }

    [Theory]
    [InlineData(3, 1e-2)]
    [InlineData(3, 1e-4)]
    [InlineData(20, 1)]
    [InlineData(20, 1e-2)]
    public void Eigenvalues_that_are_rounding_do_not_keep_it_from_ending(int rank, double decay)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            const int N = 64;
            var random = new Random(seed);
            var matrix = new double[N * N];
            var strength = 1.0;
            for (var r = 0; r < rank; r++, strength *= decay)
            {
                var vector = Enumerable.Range(0, N).Select(_ => random.NextDouble() - 0.5).ToArray();
                Each(N, (i, j) => matrix[(i * N) + j] += strength * vector[i] * vector[j]);
            }

            var (values, vectors) = SymmetricEigen.Decompose(matrix, N);
            Each(N, (i, j) =>
            {
                var product = Enumerable.Range(0, N).Sum(k => vectors[(i * N) + k] * vectors[(j * N) + k]);
                Assert.InRange(product, (i == j ? 1 : 0) - 1e-12, (i == j ? 1 : 0) + 1e-12);
                var rebuilt = Enumerable.Range(0, N).Sum(k => values[k] * vectors[(k * N) + i] * vectors[(k * N) + j]);
                Assert.InRange(rebuilt, matrix[(i * N) + j] - (1e-12 * N), matrix[(i * N) + j] + (1e-12 * N));
            });
        }
    }

    private static void Each(int n, Action<int, int> action)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                action(i, j);
            }
        }
    }
}
