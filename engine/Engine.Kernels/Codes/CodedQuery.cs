namespace Engine.Kernels.Codes;

/// <summary>
/// A query vector u in eight bits, u = t q + p with codes q of -64..64 and |q| &lt;= 32,767 /
/// <see cref="RowCodes.CodeNorm"/>, beside what the bound needs of it. Its columns stand in descending |q|, in stages:
/// half the columns of ALS factors carry 94 % of |u|^2 (sets S and M of bench/README.md), so most rows are out after
/// the first stages, and the other columns stay unread.
/// <para>Bound after a stage, u = t q + p + w with w the columns that follow: |u.v - s t (q.c)| = |u.r + p.(s c) + w.v|
/// &lt;= |u| |r| + |p| (|v| + |r|) + |w| |v|, and the canonical fp32 score differs from the real u.v by at most
/// <see cref="Rounding"/> times the sum of the magnitudes of its products.</para>
/// </summary>
internal unsafe ref struct CodedQuery
{
    /// <summary>
    /// Codes reach this magnitude: rows have bytes of up to 255, and 2 x 255 x 64 = 32,640 fits 16 bits.
    /// </summary>
    public const int MaxCode = 64;

    /// <summary>
    /// Columns of the first stage. 24 and then 40 cost less than stages of 16, and than 24 with stages of 16 after it.
    /// </summary>
    public const int FirstColumns = 24;

    /// <summary>Columns of each stage after it.</summary>
    public const int StageColumns = 40;

    /// <summary>Sums of larger magnitudes may overflow.</summary>
    public const float Largest = 1e37f;

    private const double Ulp = 1.0 / (1 << 24);

    /// <summary>Codes the query. The spans and the matrix live as long as the search.</summary>
    /// <param name="codes">The rows that will be searched.</param>
    /// <param name="vector">The query, padded to the stride.</param>
    /// <param name="memory">Receives pairs and stages.</param>
    public CodedQuery(RowCodes codes, ReadOnlySpan<float> vector, QueryMemory memory)
    {
        var coded = vector[..codes.CodedColumns];
        Rates = vector.Slice(codes.CodedColumns, codes.RateColumns);
        if (!memory.Holds(coded))
        {
            memory.Hold(coded, QueryCoder.Code(coded, memory));
        }

        var (largest, norm, residual, scale, pairs, stages) = memory.Held;
        Scale = scale;
        Pairs = memory.Pairs;
        PairCount = pairs;
        Stages = new(memory.Stages, stages);

        // Canonical score: ceil(columns / 16) roundings in a lane, 4 folds and the addend; the approximation: int to
        // float, two multiplications and one per rate. Each is at most 2^-24 of the magnitudes' sum; 16 more cover what
        // is left.
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
        IsBounded = (norm * codes.LargestNorm) + rates < Largest && largest < Largest;
    }

    /// <summary>False where sums may overflow: then no bound holds and only the plain search is right.</summary>
    public readonly bool IsBounded { get; }

    /// <summary>Scale t of the codes.</summary>
    public readonly float Scale { get; }

    /// <summary>The columns whose code is not 0, two by two, in descending magnitude.</summary>
    public readonly ColumnPair* Pairs { get; }

    /// <summary>Number of <see cref="Pairs"/>.</summary>
    public readonly int PairCount { get; }

    /// <summary>Where a block may be given up; the last stage has all pairs.</summary>
    public readonly ReadOnlySpan<QueryStage> Stages { get; }

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
}
