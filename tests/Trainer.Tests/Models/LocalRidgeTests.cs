using Engine;
using Tests.Shared;
using Trainer.Models.Matrices;
using Trainer.Models.Ridge;

namespace Trainer.Tests.Models;

public class LocalRidgeTests
{
    [Theory]
    [InlineData(0.5, 0, 1, 0)]
    [InlineData(0, 0.3, 0.2, 0)]
    [InlineData(0.5, 0, 0.5, 0.6)]
    public void Equals_the_dense_ridge_when_every_item_is_a_neighbor(
        double userExponent, double itemExponent, double regularization, double dropout)
    {
        const int Items = 30;
        var matrix = RandomInteractions.Make(150, Items, 0.2, 8);
        var found = LocalRidge.Compute(matrix, new RidgeOptions
        {
            Neighbors = Items,
            UserExponent = userExponent,
            ItemExponent = itemExponent,
            Regularization = regularization,
            Dropout = dropout,
        }, new());
        var gram = Gram(matrix, userExponent, itemExponent);
        var ridge = regularization * Enumerable.Range(0, Items).Average(i => gram[i, i]);
        for (var target = 0; target < Items; target++)
        {
            // Items that share no user with the target are no neighbors.
            int[] others = [.. Enumerable.Range(0, Items).Where(j => j != target && gram[target, j] > 0)];
            var a = new double[others.Length, others.Length];
            for (var n = 0; n < others.Length; n++)
            {
                for (var m = 0; m < others.Length; m++)
                {
                    a[n, m] = gram[others[n], others[m]]
                        + (n == m ? ridge + (dropout / (1 - dropout) * gram[others[n], others[n]]) : 0);
                }
            }

            var expected = DenseSolve.Solve(a, [.. others.Select(j => gram[target, j])]);
            for (var n = 0; n < others.Length; n++)
            {
                var range = found.Row(others[n]);
                var place = found.Columns[range].IndexOf(target);
                Assert.InRange(found.Strengths[range][place], expected[n] - 1e-4, expected[n] + 1e-4);
            }

            Assert.DoesNotContain(target, found.Columns[found.Row(target)]);
        }
    }

    [Theory]
    [InlineData(0.5, 0, 2, 0)]
    [InlineData(0, 0.25, 1, 0)]
    [InlineData(0.5, 0, 2, 0.6)]
    public void No_sparse_weight_can_move_to_a_lower_value(
        double userExponent, double itemExponent, double sparsity, double dropout)
    {
        const int Items = 40;
        const double Tolerance = 1e-3;
        var matrix = RandomInteractions.Make(300, Items, 0.2, 3);
        var options = new RidgeOptions
        {
            Neighbors = Items,
            UserExponent = userExponent,
            ItemExponent = itemExponent,
            Regularization = 0.25,
            Dropout = dropout,
        };
        var found = LocalRidge.Compute(matrix, options with { Sparsity = sparsity }, new());
        var gram = Gram(matrix, userExponent, itemExponent);
        var diagonal = Enumerable.Range(0, Items).Sum(i => gram[i, i]);
        var (ridge, penalty) = (0.25 * diagonal / Items, sparsity * diagonal / matrix.Count);
        var weights = new double[Items, Items];
        for (var item = 0; item < Items; item++)
        {
            foreach (var (target, weight) in found.Columns[found.Row(item)].Zip(found.Strengths[found.Row(item)]))
            {
                Assert.True(weight > 0 && target != item);
                weights[target, item] = weight;
            }
        }

        // The slope of the value is 0 at every weight above 0, and not below 0 at every other one.
        for (var target = 0; target < Items; target++)
        {
            foreach (var item in Enumerable.Range(0, Items).Where(item => item != target && gram[target, item] > 0))
            {
                var slope = penalty - gram[target, item]
                    + (weights[target, item] * (ridge + (dropout / (1 - dropout) * gram[item, item])))
                    + Enumerable.Range(0, Items).Sum(other => gram[item, other] * weights[target, other]);
                Assert.InRange(
                    slope / gram[item, item], -Tolerance, weights[target, item] > 0 ? Tolerance : double.MaxValue);
            }
        }

        Assert.InRange(found.Columns.Length, Items, Items * Items * 2 / 3);
        Assert.Equal(
            found.Strengths,
            LocalRidge.Compute(matrix, options with { Sparsity = sparsity }, new() { Threads = 2 }).Strengths);
    }

    [Fact]
    public void Each_target_has_at_most_k_items_and_threads_change_nothing()
    {
        var matrix = RandomInteractions.Make(400, 120, 0.1, 2);
        var options = new RidgeOptions { Neighbors = 9, GramNeighbors = 20 };
        var one = LocalRidge.Compute(matrix, options, new() { Threads = 1 });
        var two = LocalRidge.Compute(matrix, options, new() { Threads = 2 });
        Assert.Equal(one.Columns, two.Columns);
        Assert.Equal(one.Strengths, two.Strengths);
        Assert.Equal(one.Offsets, two.Offsets);
        Assert.All(one.Columns.GroupBy(target => target), group => Assert.InRange(group.Count(), 1, 9));
        Assert.All(one.Strengths, strength => Assert.True(float.IsFinite(strength)));
    }

    [Fact]
    public void Unusable_settings_are_refused()
    {
        var matrix = RandomInteractions.Make(5, 5, 0.5, 1);
        Assert.Throws<InputException>(() => LocalRidge.Compute(matrix, new RidgeOptions { Regularization = 0 }, new()));
        Assert.Throws<InputException>(() => LocalRidge.Compute(matrix, new RidgeOptions { GramNeighbors = 3 }, new()));
        Assert.Throws<InputException>(() => LocalRidge.Compute(matrix, new RidgeOptions { Dropout = 1 }, new()));
        Assert.Throws<InputException>(() => LocalRidge.Compute(matrix, new RidgeOptions { Sparsity = -1 }, new()));
        Assert.Throws<InputException>(
            () => LocalRidge.Compute(matrix, new RidgeOptions { Sparsity = double.NaN }, new()));
        Assert.Throws<InputException>(() => new RidgeOptions { Dense = true, Sparsity = 1 }.Validate());
    }

    private static double[,] Gram(InteractionMatrix matrix, double userExponent, double itemExponent)
    {
        var items = matrix.Transpose(new());
        var gram = new double[matrix.ColumnCount, matrix.ColumnCount];
        for (var user = 0; user < matrix.RowCount; user++)
        {
            foreach (var i in matrix.RowColumns(user))
            {
                foreach (var j in matrix.RowColumns(user))
                {
                    gram[i, j] += Math.Pow(matrix.RowLength(user), -userExponent)
                        / Math.Pow((double)items.RowLength(i) * items.RowLength(j), itemExponent);
                }
            }
        }

        return gram;
    }
}
