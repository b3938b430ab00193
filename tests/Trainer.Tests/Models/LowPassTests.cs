using Engine;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Trainer.Models.Spectral;

namespace Trainer.Tests.Models;

public class LowPassTests
{
    [Theory]
    [InlineData(0.5, 0.5, 0.5)]
    [InlineData(0.5, 0.5, 0)]
    [InlineData(0, 0.25, 1)]
    public void Equals_a_projection_on_the_eigenvectors_of_the_dense_matrix(double user, double item, double target)
    {
        // Five groups of users and items, so that the fifth singular value is far above the sixth.
        var random = new Random(3);
        var train = RandomInteractions.Of(
            Enumerable.Range(0, 150)
                .Select(row => Enumerable.Range(0, 40)
                    .Where(column => random.NextDouble() < (row % 5 == column % 5 ? 0.5 : 0.02) + (0.004 * column))
                    .ToArray())
                .ToArray(),
            40);
        var options = new LowPassOptions
        {
            Factors = 5,
            Passes = 100,
            UserExponent = user,
            ItemExponent = item,
            TargetExponent = target,
        };
        var expected = Plain(train, options);
        var model = LowPass.Compute(train, options, new() { Threads = 1 });
        var most = expected.Max(Math.Abs);
        for (var row = 0; row < train.RowCount; row++)
        {
            for (var column = 0; column < train.ColumnCount; column++)
            {
                Assert.Equal(expected[(row * train.ColumnCount) + column], Score(model, row, column), 1e-3 * most);
            }
        }
    }

    [Fact]
    public void Threads_change_nothing()
    {
        var train = RandomInteractions.Make(900, 600, 0.02, 4);
        var one = LowPass.Compute(train, new(), new() { Threads = 1 });
        var three = LowPass.Compute(train, new(), new() { Threads = 3 });
        Assert.Equal(one.Users.Values, three.Users.Values);
        Assert.Equal(one.Items.Values, three.Items.Values);
    }

    [Fact]
    public void More_vectors_than_the_matrix_has_give_back_the_history()
    {
        // All vectors together are the identity: the score is 1 for what the user has, 0 for the rest.
        var train = RandomInteractions.Make(200, 20, 0.3, 5);
        var options = new LowPassOptions { Factors = 40 };
        var model = LowPass.Compute(train, options, new());
        for (var row = 0; row < train.RowCount; row++)
        {
            for (var column = 0; column < train.ColumnCount; column++)
            {
                var has = train.RowColumns(row).BinarySearch(column) >= 0;
                Assert.Equal(has ? 1 : 0, Score(model, row, column), 1e-3);
            }
        }
    }

    [Fact]
    public void Without_interactions_all_scores_are_zero() => Assert.All(
        LowPass.Compute(RandomInteractions.Of([[], []], 3), new() { Factors = 2 }, new()).Users.Values,
        value => Assert.Equal(0, value));

    [Fact]
    public void Settings_outside_their_range_are_refused()
    {
        Assert.Throws<InputException>(new LowPassOptions { Factors = 0 }.Validate);
        Assert.Throws<InputException>(new LowPassOptions { Passes = 0 }.Validate);
        Assert.Throws<InputException>(new LowPassOptions { TargetExponent = 3 }.Validate);
        Assert.Throws<InputException>(new LowPassOptions { UserExponent = -1 }.Validate);
        Assert.Throws<InputException>(new LowPassOptions { ItemExponent = double.NaN }.Validate);
    }

    private static double Score(LowPass model, int user, int item)
    {
        var score = 0.0;
        for (var f = 0; f < model.Users.Factors; f++)
        {
            score += (double)model.Users.Row(user)[f] * model.Items.Row(item)[f];
        }

        return score;
    }

    private static double[] Plain(InteractionMatrix train, LowPassOptions options)
    {
        var (users, items) = (train.RowCount, train.ColumnCount);
        var counts = train.ColumnCounts();
        double Power(int count, double exponent) => Math.Pow(Math.Max(1, count), exponent);
        var square = new double[items * items];
        for (var user = 0; user < users; user++)
        {
            foreach (var i in train.RowColumns(user))
            {
                foreach (var j in train.RowColumns(user))
                {
                    square[(i * items) + j] += Power(train.RowLength(user), -2 * options.UserExponent)
                        * Power(counts[i], -options.ItemExponent) * Power(counts[j], -options.ItemExponent);
                }
            }
        }

        var (_, vectors) = SymmetricEigen.Decompose(square, items);
        var scores = new double[users * items];
        for (var user = 0; user < users; user++)
        {
            for (var f = 0; f < options.Factors; f++)
            {
                var projected = 0.0;
                foreach (var j in train.RowColumns(user))
                {
                    projected += Power(counts[j], -options.ItemExponent) * vectors[(f * items) + j];
                }

                for (var i = 0; i < items; i++)
                {
                    scores[(user * items) + i] += projected * vectors[(f * items) + i]
                        * Power(counts[i], options.TargetExponent);
                }
            }
        }

        return scores;
    }
}
