using Engine.Kernels.Arithmetic;

namespace Engine.Scoring.Explaining;

/// <summary>
/// How far an fp32 score may be from the exact sum of its terms.
/// <para>Let u = 2^-24, gamma(m) = m u / (1 - m u), D = sum |x_k y_k| over the dense columns and T = sum |t_j| over the
/// s sparse terms. In the canonical dot product no product passes more than stride / 16 fused multiply-adds and 4
/// folds: its error is at most gamma(stride / 16 + 4) D (Higham, Accuracy and Stability, 3.1). The dense terms that are
/// shown are sums in double, rounded to fp32 once: u D, and less than another u D for the double sums. The sparse terms
/// are shown as they are added, and adding s of them rounds s - 1 times: gamma(s) T. The last addition, dense + sparse,
/// rounds once more. Together at most gamma(stride / 16 + s + 8) (D + T). Below the normal range each of the stride
/// multiply-adds and three dense terms may also lose half of the smallest number, 2^-150, for which two are
/// taken.</para>
/// </summary>
internal static class RoundingBound
{
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>The bound; not finite when the score itself may overflow.</summary>
    /// <param name="stride">Padded columns of the vectors.</param>
    /// <param name="sparseTerms">s.</param>
    /// <param name="magnitude">D + T, computed in double.</param>
    public static double Of(int stride, int sparseTerms, double magnitude)
    {
        var roundings = ((stride / FactorRows.Lanes) + sparseTerms + 8) * Unit;
        return (roundings / (1 - roundings) * magnitude) + ((stride + 3) * (double)float.Epsilon);
    }

    /// <summary>The same for terms that are added one by one: gamma(terms) x magnitude.</summary>
    public static double OfSum(int terms, double magnitude) => terms * Unit / (1 - (terms * Unit)) * magnitude;
}
