using Engine;
using Engine.Kernels.Solve;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;
using Tests.Shared;

namespace Trainer.Tests.Models;

public class AlsTests
{
    [Theory]
    [InlineData(8, 1.0, false)]
    [InlineData(16, 0.5, true)]
    [InlineData(21, 0.0, true)]
    [InlineData(40, 1.0, true)]
    public void Loss_equals_a_textbook_solver_in_double(int factors, double exponent, bool weighted)
    {
        // Rows both shorter and longer than the factors: dual and primal solves.
        var matrix = RandomInteractions.Make(90, 60, 0.25, factors, weighted);
        var options = new AlsOptions
        {
            Factors = factors,
            Epochs = 6,
            UnobservedWeight = 0.1,
            Regularization = 0.01,
            FrequencyExponent = exponent,
        };
        var textbook = new TextbookAls(matrix, options);
        var result = Als.Train(matrix, options, new());
        foreach (var epoch in result.Epochs)
        {
            var expected = textbook.Epoch();
            Assert.InRange(epoch.Loss, expected * (1 - 1e-5), expected * (1 + 1e-5));
        }

        var exact = ExactLoss.Of(matrix, result, options);
        Assert.InRange(result.Epochs[^1].Loss, exact * (1 - 1e-5), exact * (1 + 1e-5));
        for (var user = 0; user < matrix.RowCount; user++)
        {
            for (var item = 0; item < matrix.ColumnCount; item++)
            {
                double expected = 0, found = 0;
                for (var k = 0; k < factors; k++)
                {
                    expected += textbook.Users[user, k] * textbook.Items[item, k];
                    found += (double)result.Users.Row(user)[k] * result.Items.Row(item)[k];
                }

                Assert.InRange(found, expected - 1e-3, expected + 1e-3);
            }
        }
    }

    [Fact]
    public void Same_bytes_at_any_number_of_threads()
    {
        var matrix = RandomInteractions.Make(3000, 400, 0.05, 1);
        var options = new AlsOptions { Factors = 20, Epochs = 3, Seed = 7 };
        var one = Als.Train(matrix, options, new() { Threads = 1 });
        var two = Als.Train(matrix, options, new() { Threads = 2 });
        var three = Als.Train(matrix, options, new() { Threads = 3 });
        Assert.Equal(one.Users.Values, two.Users.Values);
        Assert.Equal(one.Items.Values, two.Items.Values);
        Assert.Equal(one.ItemSpectrum, three.ItemSpectrum);
        Assert.Equal(one.Users.Values, three.Users.Values);
        Assert.Equal(one.Epochs.Select(e => e.Loss), two.Epochs.Select(e => e.Loss));
        Assert.NotEqual(one.Users.Values, Als.Train(matrix, options with { Seed = 8 }, new()).Users.Values);
    }

    [Fact]
    public void Stored_users_equal_the_fold_in_of_their_history_bit_for_bit()
    {
        var matrix = RandomInteractions.Make(300, 700, 0.05, 3, weighted: true);
        var options = new AlsOptions { Factors = 24, Epochs = 2 };
        var result = Als.Train(matrix, options, new());
        var solver = new RowSolver(result.ItemSpectrum, options.ForOtherSide(matrix.ColumnCount));
        var row = new float[24];
        for (var user = 0; user < matrix.RowCount; user++)
        {
            solver.Solve(
                result.Items.Values, result.Items.Stride, matrix.RowColumns(user), matrix.RowWeights(user), row);
            Assert.Equal(result.Users.Row(user).ToArray(), row);
        }
    }

    [Fact]
    public void Loss_never_rises_and_its_parts_add_up()
    {
        var result =
            Als.Train(RandomInteractions.Make(500, 200, 0.1, 5), new AlsOptions { Factors = 16, Epochs = 8 }, new());
        for (var n = 1; n < result.Epochs.Count; n++)
        {
            Assert.True(result.Epochs[n].Loss <= result.Epochs[n - 1].Loss * (1 + 1e-6));
        }

        Assert.All(result.Epochs, e => Assert.True(e.Observed > 0 && e.Unobserved > 0 && e.Regularization > 0));
    }

    [Fact]
    public void Rows_without_interactions_are_zero()
    {
        var matrix = new InteractionMatrix(3, 4, [0, 2, 2, 3], [0, 2, 2], [1, 1, 1]);
        var result = Als.Train(matrix, new AlsOptions { Factors = 4, Epochs = 2 }, new());
        Assert.All(result.Users.PaddedRow(1).ToArray(), x => Assert.Equal(0, x));
        Assert.All(result.Items.PaddedRow(1).ToArray(), x => Assert.Equal(0, x));
        Assert.Contains(result.Users.Row(0).ToArray(), x => x != 0);
    }

    [Fact]
    public void Unusable_settings_are_refused()
    {
        var matrix = RandomInteractions.Make(5, 5, 0.5, 1);
        Assert.Throws<InputException>(() => Als.Train(matrix, new AlsOptions { Factors = 0 }, new()));
        Assert.Throws<InputException>(() => Als.Train(matrix, new AlsOptions { Regularization = 0 }, new()));
        Assert.Throws<InputException>(() => Als.Train(matrix, new AlsOptions { UnobservedWeight = double.NaN }, new()));
        Assert.Throws<InputException>(
            () => Als.Train(new InteractionMatrix(1, 1, [0, 0], [], []), new AlsOptions(), new()));
    }

    [Fact]
    public void Training_takes_at_most_12_bytes_an_interaction_beyond_its_input_and_the_model()
    {
        // The same users and items, so that what grows is what interactions cost.
        var (few, many) = (RandomInteractions.Make(400, 300, 0.1, 1), RandomInteractions.Make(400, 300, 0.6, 1));
        var options = new AlsOptions { Factors = 16, Epochs = 2 };
        Als.Train(few, options, new() { Threads = 1 });
        var grown = Allocated(many) - Allocated(few);
        Assert.InRange((double)grown / (many.Count - few.Count), 4, 12);

        long Allocated(InteractionMatrix matrix) => Allocations.Least(() => Als.Train(matrix, options, new()));
    }
}
