using System.Numerics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Memory;
using Engine.Kernels.Sparse;

namespace Engine.Kernels.Search;

/// <summary>
/// A pool of rows, resolved once: searches within it answer as searches of the whole index with its bitset do. A
/// selective pool keeps packed copies of its rows and their codes, so that its search reads nothing of the rest and is
/// never slower than the full one; others use the bitset.
/// </summary>
public sealed class TopKPool
{
    /// <summary>Pools of at most this share of the rows are packed.</summary>
    private const double PackedShare = 0.25;

    private readonly TopKIndex _index;
    private readonly ulong[] _words;
    private readonly TopKIndex? _packed;
    private readonly PinnedBuffer<float>? _rows;
    private readonly int[] _ordinals = [];
    private readonly int[] _ranks = [];

    /// <summary>Resolves a pool.</summary>
    /// <param name="index">The rows.</param>
    /// <param name="eligible">The pool's rows, as in <see cref="TopKQuery.Eligible"/>.</param>
    public TopKPool(TopKIndex index, ReadOnlySpan<ulong> eligible)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(eligible.Length, TopKQuery.WordsOf(index.Rows.Rows));
        _index = index;
        _words = eligible.ToArray();
        foreach (var word in _words)
        {
            Count += BitOperations.PopCount(word);
        }

        if (Count > PackedShare * index.Rows.Rows)
        {
            return;
        }

        var (columns, stride) = (index.Rows.Columns, index.Rows.Stride);
        _ordinals = new int[Count];
        _ranks = new int[_words.Length];
        _rows = new PinnedBuffer<float>(checked(Count * stride));
        var at = 0;
        for (var i = 0; i < _words.Length; i++)
        {
            _ranks[i] = at;
            for (var word = _words[i]; word != 0; word &= word - 1)
            {
                _ordinals[at] = (i * 64) + BitOperations.TrailingZeroCount(word);
                index.Rows[_ordinals[at]].CopyTo(_rows.Span[(at * stride)..]);
                at++;
            }
        }

        _packed = TopKIndex.Build(new FactorRows(_rows, Count, columns, stride), index.Codes.RateColumns);
    }

    /// <summary>Rows in the pool.</summary>
    public int Count { get; }

    /// <summary>Whether the pool has its own copy of its rows.</summary>
    public bool IsPacked => _packed is not null;

    /// <summary>The pool's rows.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    /// <summary>The best rows of the pool by (score descending, ordinal ascending).</summary>
    /// <param name="query">
    /// Vector, sparse part and exclusions in the ordinals of the whole index; no eligible rows of its own.
    /// </param>
    /// <param name="best">Receives the answer; its length is K.</param>
    /// <param name="scratch">Working memory.</param>
    /// <returns>Entries written: K, or fewer if the pool has fewer rows.</returns>
    public int Search(in TopKQuery query, Span<ScoredRow> best, TopKScratch scratch) =>
        Search(query, best, scratch, out _);

    /// <summary>The same, with what the search touched.</summary>
    public int Search(in TopKQuery query, Span<ScoredRow> best, TopKScratch scratch, out SearchStatistics statistics)
    {
        if (!query.Eligible.IsEmpty)
        {
            throw new ArgumentException(
                "found eligible rows in a search of a pool; expected none: combine the words first");
        }

        if (_packed is null)
        {
            return _index.Search(
                query with { Eligible = _words },
                best,
                scratch,
                out statistics);
        }

        query.Check(_index.Rows);
        var terms = query.Sums is { } sums ? sums.Terms() : query.Sparse;
        var packed = query with
        {
            Sums = null,
            Sparse = Translate(terms, scratch.Terms(terms.Length)),
            Excluded = Translate(query.Excluded, scratch.Ordinals(query.Excluded.Length)),
        };
        var count = _packed.Search(packed, best, scratch, out statistics);
        GC.KeepAlive(_rows);
        for (var i = 0; i < count; i++)
        {
            best[i] = best[i] with { Ordinal = _ordinals[best[i].Ordinal] };
        }

        return count;
    }

    /// <summary>Keeps what is in the pool. Ranks ascend as ordinals do, so order and ties stay.</summary>
    private Span<SparseTerm> Translate(ReadOnlySpan<SparseTerm> terms, Span<SparseTerm> kept)
    {
        var count = 0;
        foreach (var term in terms)
        {
            if (Rank(term.Ordinal) is var rank and >= 0)
            {
                kept[count++] = new(rank, term.Addend);
            }
        }

        return kept[..count];
    }

    private Span<int> Translate(ReadOnlySpan<int> ordinals, Span<int> kept)
    {
        var count = 0;
        foreach (var ordinal in ordinals)
        {
            if (Rank(ordinal) is var rank and >= 0)
            {
                kept[count++] = rank;
            }
        }

        return kept[..count];
    }

    /// <summary>The row's place within the pool, or -1.</summary>
    private int Rank(int ordinal)
    {
        var word = _words[ordinal / 64];
        var bit = 1ul << ordinal;
        return (word & bit) == 0 ? -1 : _ranks[ordinal / 64] + BitOperations.PopCount(word & (bit - 1));
    }
}
