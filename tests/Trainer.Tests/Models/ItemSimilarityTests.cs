using Engine;
using Trainer.Models.Matrices;
using Trainer.Models.Similarity;

namespace Trainer.Tests.Models;

public class ItemSimilarityTests
{
    [Theory]
    [InlineData(0, 0.5, 0.5, 10, 7)]
    [InlineData(0.5, 0.5, 0.5, 0, 50)]
    [InlineData(0.6, 0.6, 0.3, 2, 3)]
    public void Equals_a_brute_force_over_all_pairs(
        double user, double source, double target, double shrinkage, int neighbors)
    {
        var matrix = RandomInteractions.Make(120, 50, 0.15, 4);
        var options = new SimilarityOptions
        {
            UserExponent = user,
            SourceExponent = source,
            TargetExponent = target,
            Shrinkage = shrinkage,
            Neighbors = neighbors,
        };
        var found = ItemSimilarity.Compute(matrix, options, new());
        var byItem = matrix.Transpose(new());
        for (var j = 0; j < 50; j++)
        {
            var expected = new List<(double Strength, int Item, int Support)>();
            for (var i = 0; i < 50; i++)
            {
                var common = byItem.RowColumns(j).ToArray().Intersect(byItem.RowColumns(i).ToArray()).ToArray();
                if (i != j && common.Length > 0)
                {
                    var sum = common.Sum(u => Math.Pow(matrix.RowLength(u), -user));
                    var damping = Math.Pow(byItem.RowLength(j), source) * Math.Pow(byItem.RowLength(i), target);
                    expected.Add((sum / damping * common.Length / (common.Length + shrinkage), i, common.Length));
                }
            }

            Assert.Equal(byItem.RowLength(j), found.ItemUsers[j]);
            var range = found.Row(j);
            var strengths = expected.Select(e => e.Strength).OrderDescending().Take(neighbors).ToArray();
            var got = found.Strengths[range];
            Assert.Equal(strengths.Length, got.Length);
            Assert.Equal(found.Columns[range].Order(), found.Columns[range]);
            foreach (var (e, x) in strengths.Zip(got.OrderDescending()))
            {
                Assert.InRange(x, e * (1 - 1e-5), e * (1 + 1e-5));
            }

            for (var n = range.Start.Value; n < range.End.Value; n++)
            {
                var (strength, _, support) = expected.Single(e => e.Item == found.Columns[n]);
                Assert.InRange(found.Strengths[n], strength * (1 - 1e-5), strength * (1 + 1e-5));
                Assert.Equal(support, found.Supports[n]);
            }
        }
    }

    [Theory]
    [InlineData(SimilarityWeighting.TfIdf)]
    [InlineData(SimilarityWeighting.Bm25)]
    public void Weightings_equal_their_definition(SimilarityWeighting weighting)
    {
        var matrix = RandomInteractions.Make(150, 40, 0.15, 8);
        var found = ItemSimilarity.Compute(
            matrix, new SimilarityOptions { Weighting = weighting, Shrinkage = 0, Neighbors = 40 }, new());
        var byItem = matrix.Transpose(new());
        var average = matrix.Count / 40.0;
        double Weight(int user, int item)
        {
            var idf = Math.Log(40.0 / (1 + matrix.RowLength(user)));
            var length = 1 - 0.75 + (0.75 * byItem.RowLength(item) / average);
            return weighting == SimilarityWeighting.TfIdf ? idf : idf * 2.2 / ((1.2 * length) + 1);
        }

        double Dot(int j, int i) => byItem.RowColumns(j).ToArray().Intersect(byItem.RowColumns(i).ToArray())
            .Sum(user => Weight(user, j) * Weight(user, i));
        for (var j = 0; j < 40; j++)
        {
            var range = found.Row(j);
            for (var n = range.Start.Value; n < range.End.Value; n++)
            {
                var i = found.Columns[n];
                var expected = weighting == SimilarityWeighting.TfIdf
                    ? Dot(j, i) / Math.Sqrt(Dot(j, j) * Dot(i, i))
                    : Dot(j, i);
                Assert.InRange(found.Strengths[n], expected * (1 - 1e-5), expected * (1 + 1e-5));
            }
        }
    }

    [Fact]
    public void Neighbor_list_keeps_what_sorting_would_keep()
    {
        var random = new Random(5);
        var list = new NeighborList(7);
        for (var round = 0; round < 50; round++)
        {
            list.Clear();
            var offers = Enumerable.Range(0, random.Next(1, 600))
                .Select(item => (Item: item, Strength: random.Next(40) / 8f)).ToArray();
            foreach (var (item, strength) in offers)
            {
                list.Add(item, strength);
            }

            var expected = offers.OrderByDescending(o => o.Strength).ThenBy(o => o.Item).Take(7).OrderBy(o => o.Item);
            Assert.Equal(expected.Select(o => (o.Strength, o.Item)), list.SortByItem().ToArray());
        }
    }

    [Fact]
    public void Same_at_any_number_of_threads()
    {
        var matrix = RandomInteractions.Make(500, 200, 0.1, 9);
        var one = ItemSimilarity.Compute(matrix, new SimilarityOptions { Neighbors = 20 }, new() { Threads = 1 });
        var two = ItemSimilarity.Compute(matrix, new SimilarityOptions { Neighbors = 20 }, new() { Threads = 2 });
        Assert.Equal(one.Columns, two.Columns);
        Assert.Equal(one.Strengths, two.Strengths);
        Assert.Equal(one.Supports, two.Supports);
        Assert.Equal(one.Offsets, two.Offsets);
    }

    [Fact]
    public void Long_histories_keep_their_greatest_weights()
    {
        var weights = Enumerable.Range(0, 10).Select(n => (float)((n * 7) % 10)).ToArray();
        var matrix = new InteractionMatrix(1, 10, [0, 10], [.. Enumerable.Range(0, 10)], weights);
        var capped = CappedHistory.Apply(matrix, 3);
        Assert.Equal(3, capped.Count);
        Assert.Equal([7f, 8f, 9f], capped.Weights.Order());
        Assert.Equal(capped.Columns.Order(), capped.Columns);
        Assert.Same(matrix, CappedHistory.Apply(matrix, 10));
    }

    [Fact]
    public void Unusable_settings_are_refused() => Assert.Throws<InputException>(() =>
        ItemSimilarity.Compute(RandomInteractions.Make(5, 5, 0.5, 1), new SimilarityOptions { Neighbors = 0 }, new()));
}
