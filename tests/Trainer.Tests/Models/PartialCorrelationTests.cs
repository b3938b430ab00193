using Tests.Shared;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;
using Trainer.Models.Similarity;

namespace Trainer.Tests.Models;

public class PartialCorrelationTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    public void Equals_the_dense_inverse_when_every_item_is_a_neighbor(double ridge)
    {
        const int Items = 25;
        var matrix = RandomInteractions.Make(5000, Items, 0.4, 5);
        var cosine = Cosine(matrix, Items);
        Assert.Equal(Items * (Items - 1), cosine.Columns.Length);
        var found = PartialCorrelation.Compute(cosine, Items, ridge, new() { Threads = 2 });
        var (gram, lam) = Gram(matrix, ridge);
        var precision = Inverse(gram, lam, [.. Enumerable.Range(0, Items)]);
        for (var item = 0; item < Items; item++)
        {
            foreach (var (other, e) in Row(cosine, item))
            {
                var expected = -precision[item, other] / Math.Sqrt(precision[item, item] * precision[other, other]);
                Assert.InRange(found[e], expected - 1e-4, expected + 1e-4);
            }
        }

        Assert.True(found.Max() - found.Min() > 0.03);
    }

    [Fact]
    public void Equals_its_definition_when_neighborhoods_are_small()
    {
        const int Items = 40;
        const int Neighbors = 4;
        var matrix = RandomInteractions.Make(500, Items, 0.15, 6);
        var cosine = Cosine(matrix, Items);
        var found = PartialCorrelation.Compute(cosine, Neighbors, 0.5, new() { Threads = 1 });
        var (gram, lam) = Gram(matrix, 0.5);
        int[][] near = [.. Enumerable.Range(0, Items).Select(item => Strongest(gram, lam, item, Neighbors))];
        var precisions = Enumerable.Range(0, Items).Select(item => Inverse(gram, lam, [item, .. near[item]])).ToArray();
        var cases = new int[3];
        for (var item = 0; item < Items; item++)
        {
            foreach (var (other, e) in Row(cosine, item))
            {
                var (there, back) = (Array.IndexOf(near[other], item), Array.IndexOf(near[item], other));
                cases[(there < 0 ? 0 : 1) + (back < 0 ? 0 : 1)]++;

                // -P[i,j] / sqrt(P[i,i] P[j,j]) with P[i,j] from j's field, from i's field, or their geometric mean.
                var scale = Math.Sqrt(precisions[item][0, 0] * precisions[other][0, 0]);
                var (a, b) = (
                    there < 0 ? 0 : -precisions[other][0, there + 1] / scale,
                    back < 0 ? 0 : -precisions[item][0, back + 1] / scale);
                var expected = there < 0 || back < 0 ? a + b : a * b <= 0 ? 0 : Math.Sign(a) * Math.Sqrt(a * b);
                Assert.InRange(found[e], expected - 1e-4, expected + 1e-4);
            }
        }

        Assert.All(cases, count => Assert.True(count > 20));
    }

    [Fact]
    public void A_pair_that_a_third_item_explains_has_little_of_its_own()
    {
        // A and C each follow B, and nothing else joins them.
        var random = new Random(7);
        var matrix = RandomInteractions.Of(
            Enumerable.Range(0, 4000).Select(_ =>
            {
                var b = random.NextDouble() < 0.2;
                bool[] has = [random.NextDouble() < (b ? 0.6 : 0.02), b, random.NextDouble() < (b ? 0.6 : 0.02)];
                return Enumerable.Range(0, 3).Where(item => has[item]).ToArray();
            }),
            3);
        var (cosine, found) = Three(matrix);
        Assert.True(cosine.Strengths[Entry(cosine, 0, 2)] > 0.6 * cosine.Strengths[Entry(cosine, 0, 1)]);
        Assert.True(Math.Abs(found[Entry(cosine, 0, 2)]) < 0.2 * found[Entry(cosine, 0, 1)]);
    }

    [Fact]
    public void Items_that_are_bought_instead_of_each_other_have_less_than_nothing()
    {
        // Who has B has A or C beside it, seldom both.
        var random = new Random(8);
        var matrix = RandomInteractions.Of(
            Enumerable.Range(0, 4000)
                .Select(
                    user => random.Next(5) > 0
                        ? []
                        : random.Next(20) == 0 ? [0, 1, 2] : (int[])(user % 2 == 0 ? [0, 1] : [1, 2])),
            3);
        var (cosine, found) = Three(matrix);
        Assert.True(cosine.Strengths[Entry(cosine, 0, 2)] > 0);
        Assert.True(found[Entry(cosine, 0, 2)] < -0.2);
    }

    [Fact]
    public void Threads_change_nothing()
    {
        var cosine = Cosine(RandomInteractions.Make(400, 120, 0.1, 2), 30);
        Assert.Equal(
            PartialCorrelation.Compute(cosine, 8, 1, new() { Threads = 1 }),
            PartialCorrelation.Compute(cosine, 8, 1, new() { Threads = 3 }));
    }

    private static SimilarityMatrix Cosine(InteractionMatrix matrix, int neighbors) =>
        ItemSimilarity.Compute(matrix, new SimilarityOptions { Neighbors = neighbors, UserExponent = 0 }, new());

    private static (SimilarityMatrix Cosine, float[] Found) Three(InteractionMatrix matrix)
    {
        var cosine = Cosine(matrix, 3);
        return (cosine, PartialCorrelation.Compute(cosine, 2, 0.05, new() { Threads = 1 }));
    }

    private static int Entry(SimilarityMatrix matrix, int item, int other) =>
        Row(matrix, item).Single(entry => entry.Item == other).Entry;

    private static IEnumerable<(int Item, int Entry)> Row(SimilarityMatrix matrix, int item) =>
        Enumerable.Range(0, matrix.Columns.Length).Take(matrix.Row(item)).Select(e => (matrix.Columns[e], e));

    private static (double[,] Gram, double Lam) Gram(InteractionMatrix matrix, double ridge)
    {
        var gram = new double[matrix.ColumnCount, matrix.ColumnCount];
        for (var user = 0; user < matrix.RowCount; user++)
        {
            foreach (var i in matrix.RowColumns(user))
            {
                foreach (var j in matrix.RowColumns(user))
                {
                    gram[i, j]++;
                }
            }
        }

        return (gram, ridge * Enumerable.Range(0, matrix.ColumnCount).Average(i => gram[i, i]));
    }

    private static int[] Strongest(double[,] gram, double lam, int item, int count) =>
    [
        .. Enumerable.Range(0, gram.GetLength(0))
            .Where(other => other != item && gram[item, other] > 0)
            .OrderByDescending(other => (float)gram[item, other] / MathF.Sqrt((float)gram[other, other] + (float)lam))
            .ThenByDescending(other => gram[other, other])
            .ThenBy(other => other)
            .Take(count),
    ];

    private static double[,] Inverse(double[,] gram, double lam, int[] items)
    {
        var inverse = new double[items.Length, items.Length];
        for (var column = 0; column < items.Length; column++)
        {
            var a = new double[items.Length, items.Length];
            for (var n = 0; n < items.Length; n++)
            {
                for (var m = 0; m < items.Length; m++)
                {
                    a[n, m] = gram[items[n], items[m]] + (n == m ? lam : 0);
                }
            }

            var unit = new double[items.Length];
            unit[column] = 1;
            var solution = DenseSolve.Solve(a, unit);
            for (var n = 0; n < items.Length; n++)
            {
                inverse[n, column] = solution[n];
            }
        }

        return inverse;
    }
}
