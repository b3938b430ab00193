using Engine.Kernels.Search;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Placements;

/// <summary>
/// The competing products of one class by one source, best first, as many as were needed so far. Reusable.
/// </summary>
internal sealed class CandidateList
{
    private ScoredRow[] _rows = [];
    private Mark[] _marks = [];

    /// <summary>Filled rows.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// All with a higher score are there: positive infinity before the first search, negative infinity once all are.
    /// </summary>
    public float Cut { get; set; }

    /// <summary>Rows before it are gone.</summary>
    public int Head { get; private set; }

    /// <summary>Where the order of the class goes on, for a source that reads it.</summary>
    public int Next { get; set; }

    /// <summary>The competing products of the class, once <see cref="HasEligible"/>.</summary>
    public Bitset Eligible { get; } = new();

    public bool HasEligible { get; set; }

    /// <summary>The rows, best first.</summary>
    public ReadOnlySpan<ScoredRow> Rows => _rows.AsSpan(0, Count);

    /// <summary>What is known of each.</summary>
    public Span<Mark> Marks => _marks.AsSpan(0, Count);

    public void Begin(float cut) => (Count, Cut, Head, Next, HasEligible) = (0, cut, 0, 0, false);

    /// <summary>Room for so many rows; those that are filled stay.</summary>
    public Span<ScoredRow> Reserve(int count)
    {
        if (_rows.Length < count)
        {
            Array.Resize(ref _rows, Math.Max(count, 2 * _rows.Length));
            Array.Resize(ref _marks, _rows.Length);
        }

        return _rows.AsSpan(0, count);
    }

    public void Fill(int count)
    {
        _marks.AsSpan(Count, count - Count).Clear();
        Count = count;
    }

    public void Add(ScoredRow row)
    {
        Reserve(Count + 1)[Count] = row;
        Fill(Count + 1);
    }

    /// <summary>The row can take no place any more.</summary>
    public void Drop(int index)
    {
        _marks[index].IsGone = true;
        while (Head < Count && _marks[Head].IsGone)
        {
            Head++;
        }
    }

    /// <summary>What is known of a row.</summary>
    public struct Mark
    {
        /// <summary>Placed, pinned or capped.</summary>
        public bool IsGone;

        /// <summary>Products of the list that it was compared with.</summary>
        public int Compared;

        /// <summary>The largest similarity among them.</summary>
        public float Similarity;
    }
}
