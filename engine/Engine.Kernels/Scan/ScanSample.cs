using System.Numerics;
using Engine.Kernels.Codes;

namespace Engine.Kernels.Scan;

/// <summary>Approximate scores of every n-th four blocks: over which range scores spread.</summary>
/// <param name="Low">The lowest score seen.</param>
/// <param name="High">The highest score seen.</param>
internal readonly record struct ScanSample(float Low, float High)
{
    private const int Groups = 64;

    /// <summary>Takes a sample of at most 16,384 rows.</summary>
    /// <param name="scan">A pass that counts nothing.</param>
    /// <param name="codes">The rows.</param>
    /// <param name="job">The question.</param>
    public static unsafe ScanSample Take(scoped ref StreamScan scan, RowCodes codes, ScanJob job)
    {
        var groups = (codes.Blocks + StreamDots.Group - 1) / StreamDots.Group;
        var taken = Math.Min(Groups, groups);
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var i = 0; i < taken; i++)
        {
            var first = (int)((long)i * groups / taken) * StreamDots.Group;
            scan.Seek(first);
            scan.Read(first);
            for (var block = first; block < Math.Min(codes.Blocks, first + StreamDots.Group); block++)
            {
                _ = scan.Score(block, 0, 0);
                for (var rows = job.Rows(codes, block); rows != 0; rows &= rows - 1)
                {
                    var score = scan.Scores[BitOperations.TrailingZeroCount(rows)];
                    (low, high) = (MathF.Min(low, score), MathF.Max(high, score));
                }
            }
        }

        return low <= high ? new(low, high) : default;
    }
}
