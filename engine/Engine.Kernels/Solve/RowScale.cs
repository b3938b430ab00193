using System.Runtime.Intrinsics;
using Engine.Kernels.Memory;

namespace Engine.Kernels.Solve;

/// <summary>
/// The diagonal D^-1/2 = (a0 L + lam_u I)^-1/2 of a row solve, one value per factor column; it depends on the row's
/// length alone, so that rows in order of length share it. Scratch of one thread.
/// </summary>
internal sealed unsafe class RowScale
{
    private readonly AlignedBuffer _unobserved;
    private readonly AlignedBuffer _scale;
    private readonly RowSolverOptions _options;
    private int _scaledFor = -1;

    /// <param name="spectrum">L; small negative values (rounding) count as 0.</param>
    /// <param name="options">The loss.</param>
    /// <exception cref="InputException">A weight that is not positive and finite, an exponent outside 0..1.</exception>
    public RowScale(ReadOnlySpan<double> spectrum, RowSolverOptions options)
    {
        RequirePositive(options.UnobservedWeight, "unobserved weight");
        RequirePositive(options.Regularization, "regularization");
        if (!(options.FrequencyExponent is >= 0 and <= 1))
        {
            throw new InputException(
                InvariantText.Of(
                    $"the frequency exponent of the regularization is {options.FrequencyExponent}: give a value of "
                    + $"0..1"));
        }

        _options = options;
        Factors = spectrum.Length;
        Width = (Factors + 15) & ~15;
        _scale = new AlignedBuffer(Width);
        _unobserved = new AlignedBuffer(Width);
        for (var k = 0; k < Width; k++)
        {
            _unobserved.Pointer[k] = k < Factors
                ? (float)(options.UnobservedWeight * Math.Max(0, spectrum[k]))
                : float.PositiveInfinity;
        }
    }

    /// <summary>Factor columns that count.</summary>
    public int Factors { get; }

    /// <summary>The next multiple of 16.</summary>
    public int Width { get; }

    /// <summary>D^-1/2 of a row of <paramref name="length"/> observations, <see cref="Width"/> values.</summary>
    public float* For(int length)
    {
        if (_scaledFor != length)
        {
            // Columns beyond the factors have an infinite D: scale 0, whatever stands in them.
            var ridge = Vector256.Create((float)_options.RowRegularization(length));
            for (var k = 0; k < Width; k += 8)
            {
                var diagonal = Vector256.Load(_unobserved.Pointer + k) + ridge;
                (Vector256<float>.One / Vector256.Sqrt(diagonal)).Store(_scale.Pointer + k);
            }

            _scaledFor = length;
        }

        return _scale.Pointer;
    }

    private static void RequirePositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new InputException(InvariantText.Of($"the {name} is {value}: give a finite value above 0"));
        }
    }
}
