using System.Numerics;

namespace Engine.Model.Kernels;

/// <summary>Approximate scores of every n-th block: over which range scores spread.</summary>
/// <param name="Low">The lowest score seen.</param>
/// <param name="High">The highest score seen.</param>
internal readonly record struct ScanSample(float Low, float High)
{
    private const int Blocks = 256;

    /// <summary>Takes a sample of at most 16,384 rows.</summary>
    /// <param name="scan">A pass that counts nothing.</param>
    /// <param name="codes">The rows.</param>
    /// <param name="job">The question.</param>
    public static unsafe ScanSample Take(scoped ref StreamScan scan, RowCodes codes, ScanJob job)
    {
        var taken = Math.Min(Blocks, codes.Blocks);
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var i = 0; i < taken; i++)
        {
            var block = (int)((long)i * codes.Blocks / taken);
            scan.Seek(block);
            _ = scan.Score(block, 0, 0);
            for (var rows = job.Rows(codes, block); rows != 0; rows &= rows - 1)
            {
                var score = scan.Scores[BitOperations.TrailingZeroCount(rows)];
                (low, high) = (MathF.Min(low, score), MathF.Max(high, score));
            }
        }

        return low <= high ? new(low, high) : default;
    }
}
