using System.Runtime.InteropServices;

namespace Trainer.Models.Regression;

/// <summary>
/// Pairs of users and products with their features, whether a purchase followed, and how many pairs each represents.
/// </summary>
/// <param name="features">Features of a row.</param>
public sealed class PairSample(int features)
{
    private readonly List<float> _values = [];
    private readonly List<float> _weights = [];
    private readonly List<bool> _labels = [];

    /// <summary>Features of a row.</summary>
    public int Features { get; } = features;

    /// <summary>Rows.</summary>
    public int Count => _labels.Count;

    /// <summary>The features of a row.</summary>
    public ReadOnlySpan<float> Row(int row) =>
        CollectionsMarshal.AsSpan(_values).Slice(row * Features, Features);

    /// <summary>Pairs of the population that a row represents: 1 / the probability with which it was drawn.</summary>
    public float Weight(int row) => _weights[row];

    /// <summary>Whether the purchase followed.</summary>
    public bool Label(int row) => _labels[row];

    /// <summary>Appends a row.</summary>
    public void Add(ReadOnlySpan<float> row, bool label, float weight)
    {
        _values.AddRange(row);
        _labels.Add(label);
        _weights.Add(weight);
    }

    /// <summary>Appends all rows of another sample, or every so many.</summary>
    public void Add(PairSample other, int oneOf = 1)
    {
        for (var row = 0; row < other.Count; row += oneOf)
        {
            Add(other.Row(row), other.Label(row), other.Weight(row));
        }
    }
}
