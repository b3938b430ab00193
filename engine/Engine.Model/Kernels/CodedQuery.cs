using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Engine.Model.Kernels;

/// <summary>
/// A query vector u in eight bits, u = t c + p with codes c of -64..64, beside what the bound needs of it. Rows have u8 codes
/// of up to 255, and 2 x 255 x 64 = 32,640 is what a pair of products may sum to in 16 bits.
/// <para>Bound: |u.v - s t (q.c)| = |u.r + p.(s q)| &lt;= |u| |r| + |p| (|v| + |r|), and the canonical fp32 score differs from the
/// real u.v by at most <see cref="Rounding"/> times the sum of the magnitudes of its products.</para>
/// </summary>
internal unsafe ref struct CodedQuery
{
    /// <summary>Codes reach this magnitude.</summary>
    public const int MaxCode = 64;

    private const double Ulp = 1.0 / (1 << 24);

    /// <summary>Codes the query. The spans and the matrix live as long as the search.</summary>
    /// <param name="codes">The rows that will be searched.</param>
    /// <param name="vector">The query, padded to the stride.</param>
    /// <param name="quads">Receives the codes, four to an int.</param>
    public CodedQuery(RowCodes codes, ReadOnlySpan<float> vector, Span<int> quads)
    {
        var coded = vector[..codes.CodedColumns];
        Rates = vector.Slice(codes.CodedColumns, codes.RateColumns);
        Quads = quads;
        var largest = coded.IsEmpty ? 0 : MathF.Abs(TensorPrimitives.MaxMagnitude(coded));
        var isTiny = largest < RowCoder.Tiny;
        Scale = isTiny ? 0 : largest / MaxCode;
        quads.Clear();
        var (norm, residual) = isTiny ? Tiny(coded) : Encode(coded, largest, quads);

        // Canonical score: ceil(columns / 16) roundings in a lane, 4 folds and the addend; the approximation: int to float,
        // two multiplications and one per rate. Each is at most 2^-24 of the magnitudes' sum; 16 more cover what is left.
        Rounding = (float)(((vector.Length / 16) + codes.RateColumns + 16) * Ulp);
        double rates = 0;
        for (var rate = 0; rate < Rates.Length; rate++)
        {
            rates += Math.Abs((double)Rates[rate]) * codes.LargestRates[rate];
        }

        // Below the normal floats a rounding is absolute, at most 2^-150 each.
        var underflow = norm == 0 && rates == 0 ? 0 : 1e-40;
        Slack = RowCoder.RoundUp((rates * Rounding) + underflow);
        Slack = norm == 0 && rates == 0 ? 0 : Slack;
        Norm = RowCoder.RoundUp(norm * (1 + Rounding) * (1 + (4 * Ulp)));
        Norm = norm == 0 ? 0 : Norm;
        NormError = norm == 0 ? 0 : RowCoder.RoundUp((residual + (norm * 2 * Rounding)) * (1 + (8 * Ulp)));
        ResidualError = norm == 0 ? 0 : RowCoder.RoundUp((norm + residual) * (1 + (8 * Ulp)));
        IsBounded = (norm * codes.LargestNorm) + rates < 1e37 && largest < 1e37;
    }

    /// <summary>False where sums may overflow: then no bound holds and only the plain search is right.</summary>
    public readonly bool IsBounded { get; }

    /// <summary>Scale t of the codes.</summary>
    public readonly float Scale { get; }

    /// <summary>The codes, four to an int, low byte first.</summary>
    public readonly ReadOnlySpan<int> Quads { get; }

    /// <summary>-128 times the sum of the codes: takes back the offset of the rows' bytes.</summary>
    public int Offset { get; private set; }

    /// <summary>The query's part for the rate columns.</summary>
    public readonly ReadOnlySpan<float> Rates { get; }

    /// <summary>|u| with all rounding of a score: score &lt;= Norm |v| + rates + Slack.</summary>
    public readonly float Norm { get; }

    /// <summary>What a row's norm adds to the error of its approximation.</summary>
    public readonly float NormError { get; }

    /// <summary>What a row's residual norm adds to the error of its approximation.</summary>
    public readonly float ResidualError { get; }

    /// <summary>The error that does not depend on the row.</summary>
    public readonly float Slack { get; }

    private readonly float Rounding { get; }

    /// <summary>A vector too small for a scale is all residual.</summary>
    private static (double Norm, double Residual) Tiny(ReadOnlySpan<float> coded)
    {
        double squares = 0;
        foreach (var value in coded)
        {
            squares += (double)value * value;
        }

        return (Math.Sqrt(squares), Math.Sqrt(squares));
    }

    /// <summary>
    /// Codes and norms in fp32, in units of the largest magnitude: y = u / largest is in -1..1 and off by 2^-23 of itself, the
    /// difference y - c / 64 by 2^-22 of y; sums of squares by as many roundings as there are terms. All rounded up.
    /// </summary>
    private (double Norm, double Residual) Encode(ReadOnlySpan<float> coded, float largest, Span<int> quads)
    {
        var inverse = Vector512.Create(1 / largest);
        Vector512<float> squares = default, residuals = default;
        var sum = Vector512<int>.Zero;
        var block = stackalloc float[16];
        var codes = stackalloc int[16];
        for (var first = 0; first < coded.Length; first += 16)
        {
            var count = Math.Min(16, coded.Length - first);
            new Span<float>(block, 16).Clear();
            coded.Slice(first, count).CopyTo(new(block, 16));
            var y = Vector512.Load(block) * inverse;
            var rounded = Vector512.Round(y * Vector512.Create((float)MaxCode));
            var residual = y - (rounded * Vector512.Create(1f / MaxCode));
            squares += y * y;
            residuals += residual * residual;
            var integers = Vector512.ConvertToInt32Native(rounded);
            sum += integers;
            integers.Store(codes);
            for (var k = 0; k < count; k++)
            {
                quads[(first + k) / 4] |= (codes[k] & 255) << (k % 4 * 8);
            }
        }

        Offset = -128 * Vector512.Sum(sum);
        var roundings = 1 + ((coded.Length + 8) * Ulp);
        var norm = Math.Sqrt(Vector512.Sum(squares)) * roundings * (1 + (4 * Ulp));
        var error = Math.Sqrt(Vector512.Sum(residuals)) * roundings;
        return (largest * norm, largest * (error + (8 * Ulp * norm)));
    }
}
