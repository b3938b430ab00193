using System.Numerics;
using System.Runtime.Intrinsics;

namespace Engine.Kernels.Codes;

/// <summary>
/// A first threshold from the codes of the first blocks, where norms are largest: K rows whose scores are surely at
/// least f are enough to leave out every row that scores less, and nothing has been scored exactly by then.
/// </summary>
internal readonly unsafe ref struct ThresholdSeed(QueryMemory memory)
{
    /// <summary>Blocks of the smallest sample.</summary>
    public const int LeastBlocks = 4;

    /// <summary>
    /// Rows sampled for each row asked for: more raise the threshold by little, fewer do not fill the blocks.
    /// </summary>
    private const int RowsPerK = 8;

    /// <summary>Halvings of the range of scores: one in 256 is about as close as the codes are.</summary>
    private const int Halvings = 8;

    /// <summary>A float that the K-th best score is above, or negative infinity if the head does not tell.</summary>
    /// <param name="codes">The rows.</param>
    /// <param name="query">The coded query.</param>
    /// <param name="k">K, 1 or more.</param>
    /// <param name="eligible">Rows that may be returned; empty for all.</param>
    /// <param name="marks">Rows that may not, or are dealt with elsewhere.</param>
    /// <param name="columns">Raised by the columns read.</param>
    public float Floor(
        RowCodes codes,
        scoped in CodedQuery query,
        int k,
        ReadOnlySpan<ulong> eligible,
        ReadOnlySpan<ulong> marks,
        ref int columns)
    {
        var blocks = Math.Max(LeastBlocks, (int)((((long)k * RowsPerK) + RowCodes.BlockRows - 1) / RowCodes.BlockRows));
        // A matrix that is hardly longer is scanned in any case.
        if (blocks > codes.Blocks / 2)
        {
            return float.NegativeInfinity;
        }

        var count = blocks * RowCodes.BlockRows;
        var scores = memory.Sample(count);
        var able = 0;
        for (var block = 0; block < blocks; block++)
        {
            var rows = (eligible.IsEmpty ? ulong.MaxValue : eligible[block]) & ~marks[block];
            able += BitOperations.PopCount(rows);
            Lower(codes, query, block, rows, scores + (block * RowCodes.BlockRows));
        }

        columns += blocks * 2 * query.PairCount;
        // One float below for the rounding of the lower bounds, one because the score must be above.
        return able < k ? float.NegativeInfinity : MathF.BitDecrement(MathF.BitDecrement(Kth(scores, count, k)));
    }

    /// <summary>Lower bounds of the scores of a block; negative infinity for rows that do not count.</summary>
    private static void Lower(RowCodes codes, scoped in CodedQuery query, int block, ulong rows, float* scores)
    {
        BlockScores.Compute(codes, query, block, scores);
        var error = Vector512.Create(BlockScores.Error(codes, query, block));
        for (var part = 0; part < RowCodes.BlockRows; part += 16)
        {
            (Vector512.Load(scores + part) - error).Store(scores + part);
        }

        for (var others = ~rows; others != 0; others &= others - 1)
        {
            scores[BitOperations.TrailingZeroCount(others)] = float.NegativeInfinity;
        }
    }

    /// <summary>
    /// A value that at least K of the scores reach, close to the K-th largest; at least K are finite.
    /// </summary>
    private static float Kth(float* scores, int count, int k)
    {
        Vector512<float> most = Vector512.Create(float.NegativeInfinity),
            least = Vector512.Create(float.PositiveInfinity);
        for (var i = 0; i < count; i += 16)
        {
            var part = Vector512.Load(scores + i);
            most = Vector512.Max(most, part);
            least = Vector512.Min(least, Vector512.ConditionalSelect(
                Vector512.Equals(part, Vector512.Create(float.NegativeInfinity)),
                Vector512.Create(float.PositiveInfinity),
                part));
        }

        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var lane = 0; lane < 16; lane++)
        {
            (low, high) = (MathF.Min(low, least[lane]), MathF.Max(high, most[lane]));
        }

        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low / 2) + (high / 2);
            var reached = 0;
            for (var at = 0; at < count; at += 16)
            {
                reached += BitOperations.PopCount(
                    Vector512.GreaterThanOrEqual(Vector512.Load(scores + at), Vector512.Create(middle))
                        .ExtractMostSignificantBits());
            }

            (low, high) = reached >= k ? (middle, high) : (low, middle);
        }

        return low;
    }
}
