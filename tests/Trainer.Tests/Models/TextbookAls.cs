using Tests.Shared;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Tests.Models;

/// <summary>ALS as the paper writes it: dense normal equations in fp64, one row after the other.</summary>
internal sealed class TextbookAls
{
    private readonly double[,] _confidence;
    private readonly double[,] _target;
    private readonly AlsOptions _options;
    private readonly int _f;

    public TextbookAls(InteractionMatrix matrix, AlsOptions options)
    {
        _options = options;
        _f = options.Factors;
        _confidence = new double[matrix.RowCount, matrix.ColumnCount];
        _target = new double[matrix.RowCount, matrix.ColumnCount];
        for (var row = 0; row < matrix.RowCount; row++)
        {
            for (var e = 0; e < matrix.RowLength(row); e++)
            {
                _confidence[row, matrix.RowColumns(row)[e]] = matrix.RowWeights(row)[e];
                _target[row, matrix.RowColumns(row)[e]] = 1;
            }
        }

        // The very first factors that Als draws.
        var start = new FactorMatrix(matrix.RowCount, _f);
        start.Randomize(options.Seed, options.InitialDeviation / Math.Sqrt(_f));
        Users = new double[matrix.RowCount, _f];
        Items = new double[matrix.ColumnCount, _f];
        for (var row = 0; row < matrix.RowCount; row++)
        {
            for (var k = 0; k < _f; k++)
            {
                Users[row, k] = start.Row(row)[k];
            }
        }
    }

    public double[,] Users { get; }

    public double[,] Items { get; }

    /// <summary>One epoch, items first; returns the loss.</summary>
    public double Epoch()
    {
        HalfStep(Items, Users, (item, user) => (user, item));
        HalfStep(Users, Items, (user, item) => (user, item));
        return Loss();
    }

    private void HalfStep(double[,] solved, double[,] other, Func<int, int, (int User, int Item)> pair)
    {
        var (n, m) = (solved.GetLength(0), other.GetLength(0));
        for (var row = 0; row < n; row++)
        {
            var a = new double[_f, _f];
            var b = new double[_f];
            var count = 0;
            for (var column = 0; column < m; column++)
            {
                var (user, item) = pair(row, column);
                count += (int)_target[user, item];
                for (var k = 0; k < _f; k++)
                {
                    b[k] += _confidence[user, item] * _target[user, item] * other[column, k];
                    for (var l = 0; l < _f; l++)
                    {
                        a[k, l] +=
                            (_confidence[user, item] + _options.UnobservedWeight) * other[column, k] * other[column, l];
                    }
                }
            }

            for (var k = 0; k < _f; k++)
            {
                a[k, k] += Ridge(count, m);
            }

            var x = DenseSolve.Solve(a, b);
            for (var k = 0; k < _f; k++)
            {
                solved[row, k] = x[k];
            }
        }
    }

    private double Ridge(int count, int others) =>
        _options.Regularization * Math.Pow(count + (_options.UnobservedWeight * others), _options.FrequencyExponent);

    private double Loss()
    {
        double loss = 0;
        var (n, m) = (Users.GetLength(0), Items.GetLength(0));
        var userCounts = new int[n];
        var itemCounts = new int[m];
        for (var u = 0; u < n; u++)
        {
            for (var i = 0; i < m; i++)
            {
                double score = 0;
                for (var k = 0; k < _f; k++)
                {
                    score += Users[u, k] * Items[i, k];
                }

                loss += (_confidence[u, i] * (score - 1) * (score - 1)) + (_options.UnobservedWeight * score * score);
                userCounts[u] += (int)_target[u, i];
                itemCounts[i] += (int)_target[u, i];
            }
        }

        return loss + Penalty(Users, userCounts, m) + Penalty(Items, itemCounts, n);
    }

    private double Penalty(double[,] factors, int[] counts, int others)
    {
        double sum = 0;
        for (var row = 0; row < counts.Length; row++)
        {
            for (var k = 0; k < _f; k++)
            {
                sum += Ridge(counts[row], others) * factors[row, k] * factors[row, k];
            }
        }

        return sum;
    }
}
