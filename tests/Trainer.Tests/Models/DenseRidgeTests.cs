using Trainer.Models.Ridge;

namespace Trainer.Tests.Models;

public class DenseRidgeTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, 0.25)]
    public void Equals_local_ridges_of_all_items(double dropout, double exponent)
    {
        // Every pair of items has common users: a local ridge leaves out those that have none.
        const int Items = 90;
        var random = new Random(7);
        var train = RandomInteractions.Of(
            Enumerable.Range(0, 2000)
                .Select(
                    _ => Enumerable.Range(0, Items).Where(item => random.NextDouble() < 0.1 + (0.002 * item)).ToArray())
                .ToArray(),
            Items);
        var options = new RidgeOptions
        {
            Neighbors = Items - 1,
            GramNeighbors = Items,
            Dropout = dropout,
            ItemExponent = exponent,
        };
        var local = LocalRidge.Compute(train, options, new() { Threads = 1 });
        var dense = DenseRidge.Compute(train, options with { Dense = true }, new() { Threads = 1 });
        for (var item = 0; item < Items; item++)
        {
            var expected = new float[Items];
            foreach (var e in Enumerable.Range(
                local.Row(item).Start.Value, local.Row(item).End.Value - local.Row(item).Start.Value))
            {
                expected[local.Columns[e]] = local.Strengths[e];
            }

            Assert.Equal(0, dense.Row(item)[item]);
            for (var target = 0; target < Items; target++)
            {
                Assert.Equal(expected[target], dense.Row(item)[target], 2e-4);
            }
        }

        Assert.Equal(
            dense.Values, DenseRidge.Compute(train, options with { Dense = true }, new() { Threads = 3 }).Values);
    }
}
