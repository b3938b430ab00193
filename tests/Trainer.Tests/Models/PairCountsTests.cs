using Engine.Kernels.Sparse;

namespace Trainer.Tests.Models;

public class PairCountsTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(31, true)]
    [InlineData(129, false)]
    [InlineData(400, true)]
    public void Counts_sums_and_finds_like_a_plain_loop(int items, bool weighted)
    {
        var random = new Random(items);
        var matrix = RandomInteractions.Make(80, items, 0.2, items);
        var weights = Enumerable.Range(0, 80).Select(_ => weighted ? random.NextSingle() : 1).ToArray();
        var scale = Enumerable.Range(0, items).Select(_ => random.NextSingle()).ToArray();
        foreach (var (shrinkage, threshold) in new[] { (0f, double.NegativeInfinity), (0f, 0.8), (4f, 0.5), (4f, 5) })
        {
            var counts = new PairCounts(matrix.Offsets, matrix.Columns, weighted ? weights : null, scale, shrinkage);
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

                Assert.Equal((n, sum), (counts.Count(item), counts.Sum(item)));
                var value = (double)sum * scale[item];
                value = shrinkage > 0 ? value * n / (n + shrinkage) : value;
                if (n > 0 && value >= threshold)
                {
                    expected.Add(item);
                }
            }

            Assert.Equal(expected, Found(counts, threshold));
            if (weighted && shrinkage == 0)
            {
                var alone = new PairCounts(matrix.Offsets, matrix.Columns, weights, scale, 0, sumsAlone: true);
                alone.Collect(users);
                Assert.Equal(
                    Enumerable.Range(0, items).Select(counts.Sum), Enumerable.Range(0, items).Select(alone.Sum));
                Assert.Equal(expected, Found(alone, threshold));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_small_set_of_users_leaves_nothing_behind_for_the_next(bool weighted)
    {
        // Few users among many items are listed, many are counted in full: in turns, with the same counters.
        var matrix = RandomInteractions.Make(80, 6000, 0.01, 3);
        var weights = Enumerable.Range(0, 80).Select(user => weighted ? user / 80f : 1).ToArray();
        var scale = Enumerable.Range(0, 6000).Select(item => 1f / (1 + item)).ToArray();
        var counts = new PairCounts(matrix.Offsets, matrix.Columns, weighted ? weights : null, scale, 2);
        var alone = weighted
            ? new PairCounts(matrix.Offsets, matrix.Columns, weights, scale, 0, sumsAlone: true)
            : null;
        foreach (var size in new[] { 5, 3, 80, 4, 70, 1 })
        {
            int[] users = [.. Enumerable.Range(80 - size, size)];
            counts.Collect(users);
            var expected =
                users.SelectMany(user => matrix.RowColumns(user).ToArray()).CountBy(item => item).ToDictionary();
            Assert.Equal(
                Enumerable.Range(0, 6000).Select(item => expected.GetValueOrDefault(item)),
                Enumerable.Range(0, 6000).Select(counts.Count));
            foreach (var threshold in new[] { double.NegativeInfinity, 1e-4 })
            {
                var strong =
                    expected.Where(
                        pair =>
                            counts.Sum(pair.Key) * scale[pair.Key] * pair.Value / (pair.Value + 2f) is > 0 and var value
                                && value >= threshold);
                Assert.Equal(strong.Select(pair => pair.Key).Order(), Found(counts, threshold));
            }

            if (alone is not null)
            {
                alone.Collect(users);
                Assert.Equal(Enumerable.Range(0, 6000).Select(counts.Sum), Enumerable.Range(0, 6000).Select(alone.Sum));
                Assert.Equal(
                    expected.Keys.Where(item => counts.Sum(item) > 0).Order(), Found(alone, double.NegativeInfinity));
            }
        }
    }

    [Fact]
    public void Counts_beyond_16_bits()
    {
        // Item 0 has every user, item 1 every second one.
        const int Users = 150_000;
        var offsets = new long[Users + 1];
        var columns = new List<int>();
        for (var user = 0; user < Users; user++)
        {
            columns.Add(0);
            if (user % 2 == 0)
            {
                columns.Add(1);
            }

            offsets[user + 1] = columns.Count;
        }

        var counts = new PairCounts(offsets, [.. columns], null, [1, 1, 1], 0);
        counts.Collect([.. Enumerable.Range(0, Users)]);
        Assert.Equal([Users, Users / 2, 0], Enumerable.Range(0, 3).Select(counts.Count));
        Assert.Equal([0], Found(counts, Users));
        Assert.Equal([0, 1], Found(counts, Users / 2));
        counts.Collect([0, 1, 2]);
        Assert.Equal([3, 2, 0], Enumerable.Range(0, 3).Select(counts.Count));
        Assert.Equal([0, 1], Found(counts, double.NegativeInfinity));
    }

    private static List<int> Found(PairCounts counts, double threshold)
    {
        var (found, room, position) = (new List<int>(), new int[PairCounts.Block], 0);
        while (position < counts.PaddedCount)
        {
            found.AddRange(room[..counts.FindAbove(threshold, ref position, room)]);
        }

        return [.. found.Order()];
    }

    [Fact]
    public void Refuses_columns_outside_the_items()
    {
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [2], null, [1, 1], 0));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [-1], null, [1, 1], 0));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 3], [1], null, [1, 1], 0));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [1], [], [1, 1], 0));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [1], null, [1, 1], 0, sumsAlone: true));
        Assert.Throws<ArgumentException>(() => new PairCounts([0, 1], [1], [1], [1, 1], 2, sumsAlone: true));
    }
}
