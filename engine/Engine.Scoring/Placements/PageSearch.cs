using Engine.Kernels.Search;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Placements;

/// <summary>
/// The best products that a placement of a page found. A later placement, in which no other products compete, has its
/// best ones among them, down to where that search ended. Reusable.
/// </summary>
internal sealed class PageSearch
{
    private readonly Bitset _competed = new();
    private readonly Bitset _competing = new();
    private ScoredRow[] _rows = [];
    private float _cut;
    private int _count = -1;

    public void Forget() => _count = -1;

    /// <summary>Keeps what a search found; all that compete with a score above the cut are there.</summary>
    public void Keep(UserProducts products, ReadOnlySpan<ScoredRow> rows, float cut)
    {
        products.CopyTo(_competed);
        if (_rows.Length < rows.Length)
        {
            _rows = new ScoredRow[rows.Length];
        }

        rows.CopyTo(_rows);
        (_count, _cut) = (rows.Length, cut);
    }

    /// <summary>
    /// Whether at least <paramref name="least"/> of the products that compete now are known to be the best of them, or
    /// all are known.
    /// </summary>
    /// <param name="products">Who competes now.</param>
    /// <param name="least">Fewer are not enough.</param>
    /// <param name="best">Receives them, best first: as many as fit.</param>
    /// <param name="count">Their number.</param>
    /// <param name="cut">All that compete with a higher score are among them.</param>
    public bool TryTake(UserProducts products, int least, Span<ScoredRow> best, out int count, out float cut)
    {
        (count, cut) = (0, _cut);
        if (_count < 0)
        {
            return false;
        }

        products.CopyTo(_competing);
        if (!_competing.IsWithin(_competed))
        {
            return false;
        }

        foreach (var row in _rows.AsSpan(0, _count))
        {
            if (_competing[row.Ordinal])
            {
                if (count == best.Length)
                {
                    cut = best[^1].Score;
                    break;
                }

                best[count++] = row;
            }
        }

        return count >= least || float.IsNegativeInfinity(cut);
    }
}
