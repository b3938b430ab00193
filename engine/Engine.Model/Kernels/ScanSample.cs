using System.Numerics;

namespace Engine.Model.Kernels;

/// <summary>Approximate scores of every n-th block, to guess where the K-th score lies and over which range scores spread.</summary>
/// <param name="IsBounded">False where no error bound holds; then nothing else does.</param>
/// <param name="Floor">A guess below which the K-th score hardly is, or negative infinity.</param>
/// <param name="Low">The lowest score seen.</param>
/// <param name="High">The highest score seen.</param>
internal readonly record struct ScanSample(bool IsBounded, float Floor, float Low, float High)
{
    private const int Blocks = 256;

    /// <summary>Takes a sample of at most 16,384 rows.</summary>
    public static unsafe ScanSample Take(TopKIndex index, ScanJob job, int k)
    {
        var codes = index.Codes;
        var memory = new QueryMemory(codes.CodedColumns);
        var query = new CodedQuery(codes, job.Vector, memory);
        if (!query.IsBounded)
        {
            return default;
        }

        var taken = Math.Min(Blocks, codes.Blocks);
        var seen = new float[taken * RowCodes.BlockRows];
        var count = 0;
        var scores = stackalloc float[RowCodes.BlockRows];
        for (var i = 0; i < taken; i++)
        {
            var block = (int)((long)i * codes.Blocks / taken);
            BlockScores.Compute(codes, query, block, scores);
            for (var rows = job.Rows(codes, block); rows != 0; rows &= rows - 1)
            {
                seen[count++] = scores[BitOperations.TrailingZeroCount(rows)];
            }
        }

        GC.KeepAlive(memory);
        Array.Sort(seen, 0, count);
        // Of the K best about K x share are in the sample; a quarter and three deviations more make a low guess.
        var expected = (double)k * taken / Math.Max(1, codes.Blocks);
        var rank = (int)((expected * 1.25) + (3 * Math.Sqrt(expected)) + 4);
        return new(
            true,
            rank < count && taken < codes.Blocks ? seen[count - rank] : float.NegativeInfinity,
            count == 0 ? 0 : seen[0],
            count == 0 ? 0 : seen[count - 1]);
    }
}
