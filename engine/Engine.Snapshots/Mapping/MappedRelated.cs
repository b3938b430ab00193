using System.Globalization;
using Engine.Kernels;
namespace Engine.Snapshots.Mapping;

/// <summary>
/// Related products in mapped memory, by product, strongest first. Valid while its snapshot is leased.
/// </summary>
public readonly struct MappedRelated
{
    private readonly MappedArray<long> _offsets;
    private readonly MappedArray<int> _products;
    private readonly MappedArray<float> _strengths;
    private readonly MappedArray<int> _supports;
    private readonly MappedArray<float> _partials;
    private readonly MappedArray<int> _buyers;

    internal MappedRelated(
        MappedArray<long> offsets,
        MappedArray<int> products,
        MappedArray<float> strengths,
        MappedArray<int> supports,
        MappedArray<float> partials,
        MappedArray<int> buyers)
    {
        _offsets = offsets;
        _products = products;
        _strengths = strengths;
        _supports = supports;
        _partials = partials;
        _buyers = buyers;
    }

    /// <summary>Stored pairs.</summary>
    public long Count => _products.Length;

    /// <summary>Whether partial correlations are stored: they are not in older files.</summary>
    public bool HasPartials => _partials.Length > 0;

    /// <summary>
    /// Whether purchasers are stored for supports that count more than the scope year; otherwise those of the scope are
    /// meant.
    /// </summary>
    public bool HasBuyers => _buyers.Length > 0;

    /// <summary>Users who purchased any product on any day of the data, where stored.</summary>
    public int Users => _buyers[_buyers.Length - 1];

    /// <summary>Users who purchased a product on any day of the data, where stored.</summary>
    public int Buyers(int product) => _buyers[product];

    /// <summary>The related products of one product.</summary>
    public RelatedRow Row(long product)
    {
        var start = _offsets[product];
        var count = _offsets[product + 1] - start;
        return new RelatedRow(
            _products.Slice(start, count),
            _strengths.Slice(start, count),
            _supports.Slice(start, count),
            HasPartials ? _partials.Slice(start, count) : []);
    }

    /// <summary>
    /// Says what is wrong, or null: offsets, products below <paramref name="products"/>, strongest first, correlations
    /// within -1..1.
    /// </summary>
    internal string? FindProblem(int products)
    {
        if ((Offsets.FindProblem(_offsets, Count) ?? Offsets.FindOutside(_products, 0, products)) is { } problem)
        {
            return problem;
        }

        for (var product = 0; product < products; product++)
        {
            var previous = float.MaxValue;
            foreach (var strength in Row(product).Strengths)
            {
                if (!(strength <= previous))
                {
                    return InvariantText.Of(
                            $"product {product}: found strength {strength} after {previous}, "
                            + $"expected the strongest first");
                }

                previous = strength;
            }

            foreach (var partial in Row(product).Partials)
            {
                if (!(partial is >= -1 and <= 1))
                {
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"product {product}: found partial correlation {partial}, expected -1..1");
                }
            }
        }

        return null;
    }
}

/// <summary>The related products of one product, strongest first.</summary>
/// <param name="products">Product ordinals.</param>
/// <param name="strengths">0..1.</param>
/// <param name="supports">Users who purchased both.</param>
/// <param name="partials">-1..1, or none at all.</param>
public readonly ref struct RelatedRow(
    ReadOnlySpan<int> products, ReadOnlySpan<float> strengths, ReadOnlySpan<int> supports, ReadOnlySpan<float> partials)
{
    /// <summary>Product ordinals.</summary>
    public ReadOnlySpan<int> Products { get; } = products;

    /// <summary>Shrunk asymmetric cosine over purchasers, 0..1.</summary>
    public ReadOnlySpan<float> Strengths { get; } = strengths;

    /// <summary>Users who purchased both.</summary>
    public ReadOnlySpan<int> Supports { get; } = supports;

    /// <summary>
    /// Partial correlation: how strongly both go together beyond what the products around them explain; empty in older
    /// files.
    /// </summary>
    public ReadOnlySpan<float> Partials { get; } = partials;
}
