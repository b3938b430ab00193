using Engine.Kernels.Solve;

namespace Engine.Tests.Kernels;

public class WeightedSumsTests
{
    [Fact]
    public void Sums_rows_like_a_plain_loop_and_leaves_nothing_behind()
    {
        var random = new Random(1);
        const int Columns = 500;
        var offsets = new List<long> { 0 };
        var (columns, values) = (new List<int>(), new List<float>());
        for (var row = 0; row < 90; row++)
        {
            foreach (var column in Enumerable.Range(0, Columns).Where(_ => random.Next(10) == 0))
            {
                columns.Add(column);
                values.Add(random.Next(8) == 0 ? 0 : random.NextSingle());
            }

            offsets.Add(columns.Count);
        }

        var sums = new WeightedSums([.. offsets], [.. columns], [.. values], Columns);
        foreach (var size in new[] { 40, 1, 90, 0, 3 })
        {
            int[] rows = [.. Enumerable.Range(0, 90).OrderBy(_ => random.Next()).Take(size).Order()];
            float[] weights = [.. rows.Select(_ => random.NextSingle())];
            var end = random.Next(2) == 0 ? Columns : random.Next(Columns);
            var expected = new float[Columns];
            for (var n = 0; n < rows.Length; n++)
            {
                for (var e = (int)offsets[rows[n]]; e < offsets[rows[n] + 1]; e++)
                {
                    expected[columns[e]] += columns[e] < end ? weights[n] * values[e] : 0;
                }
            }

            sums.Collect(rows, weights, end);
            Assert.Equal(expected, Enumerable.Range(0, Columns).Select(sums.Sum));
            Assert.Equal(
                Enumerable.Range(0, Columns).Where(column => expected[column] > 0), sums.Touched.ToArray().Order());
        }
    }

    [Fact]
    public void Refuses_columns_outside_and_values_that_are_missing()
    {
        Assert.Throws<ArgumentException>(() => new WeightedSums([0, 1], [2], [1], 2));
        Assert.Throws<ArgumentException>(() => new WeightedSums([0, 1], [-1], [1], 2));
        Assert.Throws<ArgumentException>(() => new WeightedSums([0, 2], [1], [1], 2));
        Assert.Throws<ArgumentException>(() => new WeightedSums([0, 1], [1], [], 2));
    }
}
