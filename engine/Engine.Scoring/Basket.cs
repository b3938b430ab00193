using Engine.Model.Manifest;
using Engine.Model.Mapping;
using Engine.Scoring.Queries;

namespace Engine.Scoring;

/// <summary>Products with their weights, each product once, by ascending ordinal: a profile that is not in the snapshot.</summary>
internal sealed class Basket
{
    private readonly List<(int Product, double Weight)> _entries = [];
    private int[] _products = [];
    private float[] _weights = [];
    private int _count;

    /// <summary>The finished profile.</summary>
    public SparseRow Row => new(_products.AsSpan(0, _count), _weights.AsSpan(0, _count));

    /// <summary>Starts from a user's stored profile, or from nothing.</summary>
    public void Begin(SparseRow profile)
    {
        _entries.Clear();
        for (var i = 0; i < profile.Count; i++)
        {
            _entries.Add((profile.Indices[i], profile.Values[i]));
        }
    }

    /// <summary>Adds one recent behaviour.</summary>
    public void Add(int product, in RecentBehavior behavior, BehaviorWeights weights) =>
        _entries.Add((product, weights.Weight(behavior.Type, behavior.AgeDays) * behavior.Count));

    /// <summary>Sums the weights of each product, in double.</summary>
    public void Finish()
    {
        _entries.Sort(static (a, b) => a.Product != b.Product ? a.Product.CompareTo(b.Product) : a.Weight.CompareTo(b.Weight));
        if (_products.Length < _entries.Count)
        {
            _products = new int[Math.Max(_entries.Count, _products.Length * 2)];
            _weights = new float[_products.Length];
        }

        _count = 0;
        for (var i = 0; i < _entries.Count;)
        {
            var product = _entries[i].Product;
            var weight = 0.0;
            for (; i < _entries.Count && _entries[i].Product == product; i++)
            {
                weight += _entries[i].Weight;
            }

            _products[_count] = product;
            _weights[_count++] = (float)weight;
        }
    }
}
