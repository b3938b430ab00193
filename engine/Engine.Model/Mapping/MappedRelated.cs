namespace Engine.Model.Mapping;

/// <summary>Related products in mapped memory, by product, strongest first. Valid while its snapshot is leased.</summary>
public readonly struct MappedRelated
{
    private readonly MappedArray<long> _offsets;
    private readonly MappedArray<int> _products;
    private readonly MappedArray<float> _strengths;
    private readonly MappedArray<int> _supports;

    internal MappedRelated(
        MappedArray<long> offsets, MappedArray<int> products, MappedArray<float> strengths, MappedArray<int> supports)
    {
        _offsets = offsets;
        _products = products;
        _strengths = strengths;
        _supports = supports;
    }

    /// <summary>Stored pairs.</summary>
    public long Count => _products.Length;

    /// <summary>The related products of one product.</summary>
    public RelatedRow Row(long product)
    {
        var start = _offsets[product];
        var count = _offsets[product + 1] - start;
        return new RelatedRow(_products.Slice(start, count), _strengths.Slice(start, count), _supports.Slice(start, count));
    }

    /// <summary>Says what is wrong, or null: offsets, products below <paramref name="products"/>, strongest first.</summary>
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
                    return $"product {product}: found strength {strength} after {previous}, expected the strongest first";
                }

                previous = strength;
            }
        }

        return null;
    }
}

/// <summary>The related products of one product, strongest first.</summary>
/// <param name="products">Product ordinals.</param>
/// <param name="strengths">0..1.</param>
/// <param name="supports">Users who purchased both.</param>
public readonly ref struct RelatedRow(ReadOnlySpan<int> products, ReadOnlySpan<float> strengths, ReadOnlySpan<int> supports)
{
    /// <summary>Product ordinals.</summary>
    public ReadOnlySpan<int> Products { get; } = products;

    /// <summary>Shrunk cosine over purchasers.</summary>
    public ReadOnlySpan<float> Strengths { get; } = strengths;

    /// <summary>Users who purchased both.</summary>
    public ReadOnlySpan<int> Supports { get; } = supports;
}
