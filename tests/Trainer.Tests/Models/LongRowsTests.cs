using Engine.Kernels.Solve;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Tests.Models;

public class LongRowsTests
{
    private const int Users = (3 * RowSolver.ChunkRows) + 77;

    [Fact]
    public void A_row_is_shared_chunk_by_chunk_and_shorter_ones_are_not()
    {
        var byItem = Skewed().Transpose(new());
        var rows = new LongRows(byItem, 12);
        Assert.Equal(2, rows.Count);
        Assert.Equal(4 + 2, rows.Pieces);
        Assert.Equal(0, new LongRows(byItem.Transpose(new()), 12).Pieces);
        Assert.Equal(1, RowSolver.Chunks(RowSolver.ChunkRows, 12));
        Assert.Equal(2, RowSolver.Chunks(RowSolver.ChunkRows + 1, 12));
    }

    [Fact]
    public void Same_bytes_at_any_number_of_threads()
    {
        var matrix = Skewed();
        var options = new AlsOptions { Factors = 12, Epochs = 2 };
        var one = Als.Train(matrix, options, new() { Threads = 1 });
        foreach (var threads in new[] { 2, 3 })
        {
            var other = Als.Train(matrix, options, new() { Threads = threads });
            Assert.Equal(one.Users.Values, other.Users.Values);
            Assert.Equal(one.Items.Values, other.Items.Values);
            Assert.Equal(one.Epochs.Select(epoch => epoch.Loss), other.Epochs.Select(epoch => epoch.Loss));
        }
    }

    [Fact]
    public void Chunks_in_any_order_give_the_bits_of_the_whole_row_and_the_loss_of_its_definition()
    {
        var byItem = Skewed().Transpose(new());
        var options = new AlsOptions { Factors = 12 };
        var users = new FactorMatrix(Users, 12);
        users.Randomize(3, 0.3);
        var spectrum = Gramian.Diagonalize(users, new());
        var solver = new RowSolver(spectrum, options.ForOtherSide(Users));
        var (whole, solved, losses) =
            (new float[12], new FactorMatrix(byItem.RowCount, 12), new double[byItem.RowCount]);
        var rows = new LongRows(byItem, 12);
        var finished = new List<int>();
        for (var piece = rows.Pieces - 1; piece >= 0; piece--)
        {
            finished.Add(rows.Run(piece, solver, users, solved, losses));
        }

        Assert.Equal([0, 1], finished.Where(row => row >= 0).Order());
        for (var row = 0; row < 2; row++)
        {
            var loss = solver.Solve(users.Values, users.Stride, byItem.RowColumns(row), byItem.RowWeights(row), whole);
            Assert.Equal(whole, solved.Row(row).ToArray());
            Assert.Equal(loss, losses[row]);
            Assert.InRange(
                loss,
                Loss(byItem, row, users, spectrum, whole, options) * (1 - 1e-4),
                Loss(byItem, row, users, spectrum, whole, options) * (1 + 1e-4));
        }
    }

    // Item 0 has every user, item 1 a few more than a chunk, five others a handful.
    private static InteractionMatrix Skewed() => RandomInteractions.Of(
        Enumerable.Range(0, Users)
            .Select(
                user => user <= RowSolver.ChunkRows + 5
                    ? [0, 1]
                    : user % 1000 == 7 ? [0, 2 + (user / 1000 % 5)] : (int[])[0]),
        7);

    private static double Loss(
        InteractionMatrix matrix, int row, FactorMatrix other, double[] spectrum, float[] x, AlsOptions options)
    {
        double observed = 0, unobserved = 0, norm = 0;
        foreach (var column in matrix.RowColumns(row))
        {
            double score = 0;
            for (var k = 0; k < x.Length; k++)
            {
                score += (double)x[k] * other.Row(column)[k];
            }

            observed += (score - 1) * (score - 1);
        }

        for (var k = 0; k < x.Length; k++)
        {
            unobserved += spectrum[k] * x[k] * x[k];
            norm += (double)x[k] * x[k];
        }

        return observed + (options.UnobservedWeight * unobserved)
            + (options.ForOtherSide(other.RowCount).RowRegularization(matrix.RowLength(row)) * norm);
    }
}
