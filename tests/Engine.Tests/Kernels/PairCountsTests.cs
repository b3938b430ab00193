using Engine.Model.Kernels;
using Engine.Tests.Models;

namespace Engine.Tests.Kernels;

public class PairCountsTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(31, true)]
    [InlineData(33, false)]
    [InlineData(200, true)]
    public void Counts_sums_and_finds_like_a_plain_loop(int items, bool weighted)
    {
        var random = new Random(items);
        var matrix = RandomInteractions.Make(80, items, 0.2, items);
        var weights = Enumerable.Range(0, 80).Select(_ => weighted ? random.NextSingle() : 1).ToArray();
        var scale = Enumerable.Range(0, items + 32).Select(_ => random.NextSingle()).ToArray();
        var counts = new PairCounts(matrix.Offsets, matrix.Columns, items, weighted ? weights : null);
        foreach (var (shrinkage, threshold) in new[] { (0f, float.NegativeInfinity), (0f, 0.8f), (4f, 0.5f) })
        {
            int[] users = [.. Enumerable.Range(0, 80).Where(_ => random.Next(2) == 0)];
            counts.Collect(users);
            var expected = new List<int>();
            for (var item = 0; item < items; item++)
            {
                var (n, sum) = (0, 0f);
                foreach (var user in users)
                {
                    if (matrix.RowColumns(user).Contains(item))
                    {
                        (n, sum) = (n + 1, sum + weights[user]);
                    }
                }

                Assert.Equal((n, sum), (counts.Counts[item], counts.Sum(item)));
                var value = sum * scale[item];
                value = shrinkage > 0 ? value * (n / (n + shrinkage)) : value;
                if (n > 0 && value >= threshold)
                {
                    expected.Add(item);
                }
            }

            var (found, room, position) = (new List<int>(), new int[40], 0);
            while (position < counts.PaddedCount)
            {
                found.AddRange(room[..counts.FindAbove(scale, shrinkage, threshold, ref position, room)]);
            }

            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void Refuses_columns_outside_the_items()
    {
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [2], 2, null));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [-1], 2, null));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 3], [1], 2, null));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [1], 2, []));
    }
}
