using Trainer.Models.Matrices;

namespace Trainer.Tests.Models;

public class InteractionMatrixTests
{
    [Fact]
    public void Transpose_twice_is_the_matrix_itself()
    {
        var matrix = RandomInteractions.Make(40, 30, 0.2, 1, weighted: true);
        var transposed = matrix.Transpose(new() { Threads = 2 });
        for (var row = 0; row < 40; row++)
        {
            for (var e = 0; e < matrix.RowLength(row); e++)
            {
                var place = transposed.RowColumns(matrix.RowColumns(row)[e]).BinarySearch(row);
                Assert.Equal(matrix.RowWeights(row)[e], transposed.RowWeights(matrix.RowColumns(row)[e])[place]);
            }
        }

        var back = transposed.Transpose(new() { Threads = 2 });
        Assert.Equal(matrix.Offsets, back.Offsets);
        Assert.Equal(matrix.Columns, back.Columns);
        Assert.Equal(matrix.Weights, back.Weights);
    }

    [Fact]
    public void Appended_rows_come_last_and_no_rows_change_nothing()
    {
        var (upper, lower) = (
            RandomInteractions.Make(5, 30, 0.2, 1, weighted: true),
            RandomInteractions.Make(7, 30, 0.2, 2, weighted: true));
        var both = upper.Append(lower);
        Assert.Equal((12, 30, upper.Count + lower.Count), (both.RowCount, both.ColumnCount, both.Count));
        for (var row = 0; row < 12; row++)
        {
            var (source, place) = row < 5 ? (upper, row) : (lower, row - 5);
            Assert.Equal(source.RowColumns(place), both.RowColumns(row));
            Assert.Equal(source.RowWeights(place), both.RowWeights(row));
        }

        Assert.Same(upper, upper.Append(new InteractionMatrix(0, 30, [0], [], [])));
    }

    [Theory]
    [InlineData(new long[] { 0, 2 }, new[] { 1, 0 }, new[] { 1f, 1f })]
    [InlineData(new long[] { 0, 2 }, new[] { 1, 1 }, new[] { 1f, 1f })]
    [InlineData(new long[] { 0, 2 }, new[] { 0, 3 }, new[] { 1f, 1f })]
    [InlineData(new long[] { 0, 1 }, new[] { 0, 1 }, new[] { 1f, 1f })]
    [InlineData(new long[] { 0, 2 }, new[] { 0, 1 }, new[] { 1f })]
    [InlineData(new long[] { 0, 2 }, new[] { 0, 1 }, new[] { 1f, float.NaN })]
    [InlineData(new long[] { 0, 2 }, new[] { 0, 1 }, new[] { 1f, -1f })]
    [InlineData(new long[] { 0, 2, 1 }, new[] { 0, 1 }, new[] { 1f, 1f })]
    public void Broken_arrays_are_refused(long[] offsets, int[] columns, float[] weights) =>
        Assert.Throws<ArgumentException>(() => new InteractionMatrix(1, 3, offsets, columns, weights));
}
