using Engine.Kernels.Scan;
using Engine.Kernels.Search;

namespace Engine.Scoring.Models;

/// <summary>
/// Searches over the users of one model: small ones on the calling thread, large ones and those that count a curve on
/// all cores. Both give the same answer bit for bit.
/// </summary>
/// <param name="users">The users.</param>
/// <param name="threads">Of a large search, 1 or more.</param>
internal sealed class UserScans(TopKIndex users, int threads)
{
    /// <summary>
    /// From so many users on a search is worth waking threads for: a thread scans about as many in half a millisecond.
    /// </summary>
    private const int LargeScan = 1 << 17;

    /// <summary>Scans up to this K are kept for the next question; larger ones take more memory than is kept.</summary>
    private const int KeptK = 10_000;

    private readonly Stack<ParallelTopK> _idle = new();
    private readonly Lock _lock = new();

    /// <summary>The best eligible users by (score descending, ordinal ascending).</summary>
    /// <param name="query">Vector, sparse part and eligible users.</param>
    /// <param name="best">Receives the answer; its length is K.</param>
    /// <param name="curve">Filled in the same pass when given.</param>
    /// <param name="scratch">Working memory of a small search.</param>
    /// <returns>Entries written.</returns>
    public int Search(in TopKQuery query, Span<ScoredRow> best, AudienceCurve? curve, TopKScratch scratch)
    {
        if (curve is null && users.Rows.Rows < LargeScan)
        {
            return users.Search(query, best, scratch);
        }

        var scan = Rent(best.Length);
        var count = scan.Search(query, best, curve);
        Return(scan);
        return count;
    }

    private ParallelTopK Rent(int k)
    {
        if (k <= KeptK)
        {
            lock (_lock)
            {
                if (_idle.TryPop(out var scan))
                {
                    return scan;
                }
            }
        }

        return new ParallelTopK(users, Math.Max(k, KeptK), threads);
    }

    private void Return(ParallelTopK scan)
    {
        if (scan.MaximumK > KeptK)
        {
            return;
        }

        lock (_lock)
        {
            _idle.Push(scan);
        }
    }
}
