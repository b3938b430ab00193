using System.Numerics;
using Engine.Kernels.Search;
using Engine.Kernels.Sparse;
using Engine.Scoring.Eligibility;
using Engine.Scoring.Profiles;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Models;

/// <summary>
/// The working memory of one query at a time on one model. It grows to the largest query and is kept.
/// </summary>
internal sealed class QueryScratch(ScoringModel model)
{
    // Up to this many products it is cheaper to exclude them one by one than to search without the pool's packed rows.
    private const int FewProducts = 256;

    private readonly int[] _leftOut = new int[FewProducts];

    /// <summary>Working memory of the search kernel.</summary>
    public TopKScratch TopK { get; } = new();

    /// <summary>Sums of the sparse part.</summary>
    public SparseSums Sparse { get; } = new();

    /// <summary>The products or users that compete.</summary>
    public Bitset Eligible { get; } = new();

    /// <summary>An id list of the request, resolved.</summary>
    public Bitset Listed { get; } = new();

    /// <summary>The users who purchased a product.</summary>
    public Bitset Purchasers { get; } = new();

    /// <summary>The products that compete for the user.</summary>
    public UserProducts UserProducts { get; } = new();

    /// <summary>The members of an audience.</summary>
    public Bitset Users { get; } = new();

    /// <summary>The mean of an audience.</summary>
    public AudienceMean Mean { get; } = new();

    /// <summary>The user's history together with the recent behavior.</summary>
    public ProfileBuilder Basket { get; } = new(model.ProfileTables);

    /// <summary>The user's history together with the events since the training.</summary>
    public UserHistory History { get; } = new(model.Snapshot);

    /// <summary>From a basket to factors.</summary>
    public FoldIn FoldIn { get; } = new(model.Snapshot);

    /// <summary>
    /// The products of <paramref name="pool"/>, a bit each, that do not compete, ascending; false when they are many.
    /// </summary>
    public bool TryLeftOut(ReadOnlySpan<ulong> pool, out ReadOnlySpan<int> products)
    {
        products = default;
        var excluded = UserProducts.Excluded;
        var eligible = UserProducts.Eligible;
        if (excluded.Length > FewProducts)
        {
            return false;
        }

        excluded.CopyTo(_leftOut);
        var count = excluded.Length;
        for (var i = 0; i < eligible.Length; i++)
        {
            for (var word = pool[i] & ~eligible[i]; word != 0; word &= word - 1)
            {
                if (count == FewProducts)
                {
                    return false;
                }

                _leftOut[count++] = (i * 64) + BitOperations.TrailingZeroCount(word);
            }
        }

        _leftOut.AsSpan(0, count).Sort();
        products = _leftOut.AsSpan(0, count);
        return true;
    }
}
