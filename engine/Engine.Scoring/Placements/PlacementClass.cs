using System.Numerics;
using Engine.Kernels.Arithmetic;
using Engine.Kernels.Search;
using Engine.Scoring.Models;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Placements;

/// <summary>The products of a placement that the same boosts and minimums hold: one search gives their order.</summary>
internal sealed class PlacementClass
{
    private readonly Bitset _products;
    private readonly Lazy<TopKPool> _search;
    private readonly Lazy<int[]> _popular;

    /// <summary>Made once a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="products">Not copied.</param>
    /// <param name="pattern">Bit j: whether boost or minimum j holds them.</param>
    /// <param name="boost">The sum of their addends.</param>
    public PlacementClass(ScoringModel model, Bitset products, int pattern, float boost)
    {
        (_products, Pattern, Boost) = (products, pattern, boost);
        IsAll = products.Count == model.Products.Rows;
        _search = new Lazy<TopKPool>(() => new TopKPool(model.ProductSearch, _products.Words));
        _popular = new Lazy<int[]>(() => ByPurchasers(model));
    }

    public int Pattern { get; }

    public float Boost { get; }

    /// <summary>Whether it holds every product of the model.</summary>
    public bool IsAll { get; }

    public Bitset Products => _products;

    /// <summary>Search within it.</summary>
    public TopKPool Search => _search.Value;

    /// <summary>Its products, most purchasers first, ties by ordinal.</summary>
    public int[] Popular => _popular.Value;

    private int[] ByPurchasers(ScoringModel model)
    {
        var keys = new List<ulong>();
        for (var i = 0; i < _products.Words.Length; i++)
        {
            for (var word = _products.Words[i]; word != 0; word &= word - 1)
            {
                var product = (i * 64) + BitOperations.TrailingZeroCount(word);
                keys.Add(RankKey.Pack(PlacementScores.Popular(model.Snapshot, product), product));
            }
        }

        keys.Sort();
        return [.. keys.Select(RankKey.Ordinal)];
    }
}
