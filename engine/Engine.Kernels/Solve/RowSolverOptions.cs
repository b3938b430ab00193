namespace Engine.Kernels.Solve;

/// <summary>
/// What one side of the ALS loss (Rendle et al., "Revisiting the performance of iALS", 2022) needs to know to solve a
/// row: sum over observed c (x.y - 1)^2 + a0 sum over all (x.y)^2 + lam (n + a0 N)^nu |x|^2.
/// </summary>
/// <param name="UnobservedWeight">a0, the weight of every pair, observed or not; above 0.</param>
/// <param name="Regularization">lam, above 0.</param>
/// <param name="FrequencyExponent">nu, 0..1: how much the regularization grows with the row's length n.</param>
/// <param name="OtherCount">N, the number of rows on the other side (items when a user is solved).</param>
public sealed record RowSolverOptions(
    double UnobservedWeight, double Regularization, double FrequencyExponent, int OtherCount)
{
    /// <summary>lam (n + a0 N)^nu, the weight of |x|^2 for a row of <paramref name="length"/> observations.</summary>
    public double RowRegularization(int length)
    {
        var frequency = length + (UnobservedWeight * OtherCount);
        return Regularization * (FrequencyExponent == 1 ? frequency : Math.Pow(frequency, FrequencyExponent));
    }
}
