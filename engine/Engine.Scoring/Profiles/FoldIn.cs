using Engine.Kernels.Sparse;
using System.Numerics.Tensors;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Solve;
using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Scoring.Profiles;

/// <summary>
/// The factors of a history: the very solve that made the stored users, so that a stored row equals the fold-in of its
/// profile bit for bit.
/// </summary>
internal sealed class FoldIn
{
    private readonly RowSolver? _solver;
    private readonly FactorRows _products;
    private readonly int _factors;
    private readonly float _factorWeight;
    private readonly float[] _vector;

    /// <summary>A fold-in on a snapshot's products; scratch for one thread.</summary>
    public FoldIn(Snapshot snapshot)
        : this(snapshot.ProductFactors, snapshot.Spectrum.AsSpan(), snapshot.Manifest.FoldIn)
    {
    }

    /// <summary>A fold-in on products that are not in a snapshot yet.</summary>
    /// <param name="products">products x (factors + rates).</param>
    /// <param name="spectrum">One eigenvalue a factor; its length is the number of factors.</param>
    /// <param name="settings">The terms of the solve.</param>
    public FoldIn(FactorRows products, ReadOnlySpan<double> spectrum, FoldInSettings settings)
    {
        _products = products;
        _factors = spectrum.Length;
        _factorWeight = settings.FactorWeight;
        _vector = new float[products.Stride];
        _solver = _factors == 0 ? null : new RowSolver(
            spectrum,
            new RowSolverOptions(
                settings.UnobservedWeight, settings.Regularization, settings.RegularizationExponent, products.Rows));
    }

    /// <summary>
    /// The user vector of a profile: its factors times the learned factor weight, then 1 (which takes the product's
    /// rate), then the user's rate, then zeros. Valid until the next call.
    /// </summary>
    public ReadOnlySpan<float> Solve(SparseRow profile, float userRate)
    {
        var factors = _vector.AsSpan(0, _factors);
        _vector.AsSpan().Clear();
        _solver?.Solve(_products.Elements, _products.Stride, profile.Indices, profile.Values, factors);
        TensorPrimitives.Multiply(factors, _factorWeight, factors);
        _vector[_factors] = 1;
        _vector[_factors + 1] = userRate;
        return _vector;
    }
}
