using Engine.Snapshots.Writing;
using Trainer.Data.Running;
using Trainer.Models.Ridge;

namespace Trainer.Tests.Models;

public class FeatureRidgeTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(40, 300)]
    [InlineData(130, 900)]
    public void Weights_solve_the_normal_equations(int features, int count)
    {
        const double Regularization = 4;
        var random = new Random(features);
        var rows = Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, features).Where(f => random.Next(1 + f) == 0).ToArray())
            .ToArray();
        var targets = new FactorContent(count, 5);
        for (var row = 0; row < count; row++)
        {
            for (var k = 0; k < 5; k++)
            {
                targets.Row(row)[k] = (float)random.NextDouble() + rows[row].Length - k;
            }
        }

        bool IsLeftOut(int row) => row % 7 == 2;
        var ridge = FeatureRidge.Fit(rows, targets, 4, features, Regularization, IsLeftOut, new RunContext());

        // A weight is what its feature adds to the prediction of a row; the gradient at the weights is zero.
        var weights = Enumerable.Range(0, features).Select(f => Difference(ridge, f)).Append(Of(ridge, [])).ToArray();
        for (var feature = 0; feature <= features; feature++)
        {
            for (var k = 0; k < 4; k++)
            {
                var gradient = -Regularization * weights[feature][k];
                for (var row = 0; row < count; row++)
                {
                    if (!IsLeftOut(row) && (feature == features || rows[row].Contains(feature)))
                    {
                        gradient += targets.Row(row)[k] - Of(ridge, rows[row])[k];
                    }
                }

                Assert.InRange(gradient, -0.02, 0.02);
            }
        }
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 500)
            .Select(_ => Enumerable.Range(0, 200).Where(_ => random.Next(20) == 0).ToArray())
            .ToArray();
        var targets = new FactorContent(500, 6);
        for (var row = 0; row < 500; row++)
        {
            foreach (ref var value in targets.Row(row))
            {
                value = (float)random.NextDouble();
            }
        }

        var lists = ((int[])[1, 3]).Select(threads =>
        {
            var ridge = FeatureRidge.Fit(
                rows, targets, 6, 200, 10, _ => false, new RunContext { Threads = threads });
            return rows.SelectMany(row => Of(ridge, row)).ToArray();
        }).ToArray();
        Assert.Equal(lists[0], lists[1]);
    }

    private static float[] Of(FeatureRidge ridge, int[] features)
    {
        var targets = new float[ridge.Targets];
        ridge.Predict(features, targets);
        return targets;
    }

    private static float[] Difference(FeatureRidge ridge, int feature) =>
        [.. Of(ridge, [feature]).Zip(Of(ridge, []), (with, without) => with - without)];
}
