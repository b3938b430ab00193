using System.Runtime.CompilerServices;
using Engine.Kernels.Arithmetic;

namespace Engine.Kernels.Search;

/// <summary>
/// The K best entries seen, on the caller's memory. Keys are unique, so the result does not depend on the order in
/// which entries arrive. Small selections are kept sorted by <see cref="SortedKeys"/>, whose insertion has no branch to
/// mispredict (at K = 50 a whole search takes three quarters of the time it takes with a heap); large ones are a binary
/// heap with the worst kept entry at the root.
/// </summary>
public ref struct TopKHeap
{
    private readonly Span<ulong> _keys;
    private readonly bool _sorted;

    /// <summary>An empty selection of at most <c>keys.Length</c> entries.</summary>
    /// <param name="keys">Memory for K keys; K may be 0.</param>
    public TopKHeap(Span<ulong> keys)
    {
        _keys = keys;
        _sorted = SortedKeys.Pays(keys.Length);
        if (_sorted)
        {
            keys.Fill(RankKey.Last);
        }

        Worst = keys.IsEmpty ? 0 : RankKey.Last;
    }

    /// <summary>Entries kept so far.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// A key must be below this to be kept: the K-th best key, or <see cref="RankKey.Last"/> until K are kept.
    /// </summary>
    public ulong Worst { get; private set; }

    /// <summary>
    /// The score of the entry of rank <paramref name="rank"/>; negative infinity where it is not known yet, or not in
    /// order.
    /// </summary>
    public readonly float ScoreAt(int rank) =>
        _sorted && rank <= Count ? RankKey.Score(_keys[rank - 1]) : float.NegativeInfinity;

    /// <summary>Offers one entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Push(ulong key)
    {
        if (key < Worst)
        {
            Insert(key);
        }
    }

    /// <summary>Orders the kept entries, best first, and returns them. The selection is used up.</summary>
    public readonly ReadOnlySpan<ulong> Sort()
    {
        var kept = _keys[..Count];
        if (!_sorted)
        {
            kept.Sort();
        }

        return kept;
    }

    /// <summary>
    /// The same, unpacked into <paramref name="best"/>, which holds at least <see cref="Count"/> entries.
    /// </summary>
    /// <returns>Number of entries written.</returns>
    public readonly int SortInto(Span<ScoredRow> best)
    {
        var kept = Sort();
        for (var i = 0; i < kept.Length; i++)
        {
            best[i] = new(RankKey.Ordinal(kept[i]), RankKey.Score(kept[i]));
        }

        return kept.Length;
    }

    private void Insert(ulong key)
    {
        if (_sorted)
        {
            SortedKeys.Insert(_keys, key);
            Count = Math.Min(Count + 1, _keys.Length);
            Worst = _keys[^1];
            return;
        }

        if (Count < _keys.Length)
        {
            RaiseFrom(Count++, key);
        }
        else
        {
            SinkFromRoot(key);
        }

        if (Count == _keys.Length)
        {
            Worst = _keys[0];
        }
    }

    private readonly void RaiseFrom(int hole, ulong key)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (_keys[parent] > key)
            {
                break;
            }

            _keys[hole] = _keys[parent];
            hole = parent;
        }

        _keys[hole] = key;
    }

    private readonly void SinkFromRoot(ulong key)
    {
        var hole = 0;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= _keys.Length)
            {
                break;
            }

            if (child + 1 < _keys.Length && _keys[child + 1] > _keys[child])
            {
                child++;
            }

            if (_keys[child] < key)
            {
                break;
            }

            _keys[hole] = _keys[child];
            hole = child;
        }

        _keys[hole] = key;
    }
}
