using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Trainer.Models.Regression;

/// <summary>
/// The log-likelihood of some rows of a <see cref="BinaryRegression"/>, its gradient and its Fisher information.
/// </summary>
/// <param name="size">Weights, the constant among them.</param>
internal sealed class RegressionSums(int size)
{
    private readonly double[] _outer = new double[size * Padded(size)];

    /// <summary>The log-likelihood.</summary>
    public double Objective { get; set; }

    /// <summary>size.</summary>
    public double[] Gradient { get; } = new double[size];

    /// <summary>size x size, the lower triangle; empty until <see cref="Pack"/>.</summary>
    public double[] Information { get; } = new double[size * size];

    /// <summary>Doubles of a row's features, so that whole vectors are added.</summary>
    public static int Padded(int size) =>
        (size + Vector512<double>.Count - 1) / Vector512<double>.Count * Vector512<double>.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="x">Its features, <see cref="Padded"/> of them, then zeros.</param>
    /// <param name="weight">How many pairs it represents.</param>
    /// <param name="terms">As <see cref="BinaryRegression.Terms"/> gives them.</param>
    public void Add(double[] x, double weight, (double LogLikelihood, double Slope, double Information) terms)
    {
        Objective += weight * terms.LogLikelihood;
        for (var i = 0; i < size; i++)
        {
            Gradient[i] += weight * terms.Slope * x[i];
        }

        AddOuter(_outer, x, size, weight * terms.Information);
    }

    /// <summary>Adds the sums of other rows.</summary>
    public void Add(RegressionSums other)
    {
        Objective += other.Objective;
        for (var i = 0; i < Gradient.Length; i++)
        {
            Gradient[i] += other.Gradient[i];
        }

        for (var i = 0; i < _outer.Length; i++)
        {
            _outer[i] += other._outer[i];
        }
    }

    /// <summary>Sets <see cref="Information"/> from all that was added.</summary>
    public void Pack()
    {
        for (var i = 0; i < size; i++)
        {
            _outer.AsSpan(i * Padded(size), size).CopyTo(Information.AsSpan(i * size));
        }
    }

    // The lower triangle of weight x x', and the padding of whole vectors. A multiplication and an addition, no fma.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddOuter(double[] outer, double[] x, int size, double weight)
    {
        for (var i = 0; i < size; i++)
        {
            var scaled = Vector512.Create(weight * x[i]);
            var row = outer.AsSpan(i * x.Length, x.Length);
            for (var j = 0; j <= i; j += Vector512<double>.Count)
            {
                var sums = Vector512.LoadUnsafe(ref row[j]) + (scaled * Vector512.LoadUnsafe(ref x[j]));
                sums.StoreUnsafe(ref row[j]);
            }
        }
    }
}
