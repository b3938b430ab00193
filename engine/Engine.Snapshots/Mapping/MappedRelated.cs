using System.Globalization;
using Engine.Kernels;
using Engine.Snapshots.Format;

namespace Engine.Snapshots.Mapping;

/// <summary>
/// Related products in mapped memory, by product, strongest first. Valid while its snapshot is leased.
/// </summary>
public readonly struct MappedRelated
{
    /// <summary>Where the related products of each product start.</summary>
    internal MappedOffsets Offsets { get; init; }

    /// <summary>What <see cref="Products"/> holds: records, or ordinals where null.</summary>
    internal RelatedRecord? Layout { get; init; }

    /// <summary>Records or ordinals.</summary>
    internal MappedArray<int> Products { get; init; }

    /// <summary>Element for element.</summary>
    internal MappedArray<float> Strengths { get; init; }

    /// <summary>Element for element, without records.</summary>
    internal MappedArray<int> Supports { get; init; }

    /// <summary>With records: the supports that do not fit them.</summary>
    internal LargeNumbers<int> Large { get; init; }

    /// <summary>Element for element; with records, of those that say so.</summary>
    internal MappedArray<float> Partials { get; init; }

    /// <summary>With records and partial correlations: where those of each product start.</summary>
    internal MappedOffsets PartialOffsets { get; init; }

    /// <summary>Of each product, then all users; empty where those of the scope are meant.</summary>
    internal MappedArray<int> AllBuyers { get; init; }

    /// <summary>Stored pairs.</summary>
    public long Count => Products.Length;

    /// <summary>Whether partial correlations are stored: they are not in older files.</summary>
    public bool HasPartials => Partials.Length > 0 || PartialOffsets.Length > 0;

    /// <summary>
    /// Whether purchasers are stored for supports that count more than the scope year; otherwise those of the scope are
    /// meant.
    /// </summary>
    public bool HasBuyers => AllBuyers.Length > 0;

    /// <summary>Users who purchased any product on any day of the data, where stored.</summary>
    public int Users => AllBuyers[AllBuyers.Length - 1];

    /// <summary>Users who purchased a product on any day of the data, where stored.</summary>
    public int Buyers(int product) => AllBuyers[product];

    /// <summary>The related products of one product.</summary>
    public RelatedRow Row(long product)
    {
        var start = Offsets[product];
        var count = Offsets[product + 1] - start;
        var products = Products.Slice(start, count);
        var strengths = Strengths.Slice(start, count);
        return Layout is { } layout
            ? new RelatedRow(layout, products, strengths, HasPartials, PartialsOf(product), start, Large)
            : new RelatedRow(
                products, Supports.Slice(start, count), strengths, HasPartials ? Partials.Slice(start, count) : []);
    }

    /// <summary>
    /// Says what is wrong, or null: offsets, products below <paramref name="products"/>, strongest first, correlations
    /// within -1..1, supports and correlations for every record that has none.
    /// </summary>
    internal string? FindProblem(int products)
    {
        if ((Mapping.Offsets.FindProblem(Offsets, Count) ?? PartialProblem() ?? RecordProblem(products)) is { } problem)
        {
            return problem;
        }

        for (var product = 0; product < products; product++)
        {
            var previous = float.MaxValue;
            foreach (var pair in Row(product))
            {
                if (pair.Product >= products || pair.Product < 0)
                {
                    return InvariantText.Of(
                        $"product {product}: found related product {pair.Product}, expected 0..{products - 1}");
                }

                if (!(pair.Strength <= previous))
                {
                    return InvariantText.Of(
                            $"product {product}: found strength {pair.Strength} after {previous}, "
                            + $"expected the strongest first");
                }

                if (!(pair.Partial is null or (>= -1 and <= 1)))
                {
                    return string.Create(
                        CultureInfo.InvariantCulture,
                        $"product {product}: found partial correlation {pair.Partial}, expected -1..1");
                }

                previous = pair.Strength;
            }
        }

        return null;
    }

    private ReadOnlySpan<float> PartialsOf(long product) => PartialOffsets.Length == 0
        ? []
        : Partials.Slice(PartialOffsets[product], PartialOffsets[product + 1] - PartialOffsets[product]);

    private string? PartialProblem() =>
        PartialOffsets.Length == 0 ? null : Mapping.Offsets.FindProblem(PartialOffsets, Partials.Length);

    // Each record that points elsewhere has something there.
    private string? RecordProblem(int products)
    {
        if (Layout is not { } layout)
        {
            return null;
        }

        var large = 0L;
        for (var product = 0; product < products; product++)
        {
            var partials = 0;
            for (var place = Offsets[product]; place < Offsets[product + 1]; place++)
            {
                partials += layout.HasPartial(Products[place]) ? 1 : 0;
                if (layout.Support(Products[place]) == layout.LargeSupport
                    && (large == Large.Count || Large.Place(large++) != place))
                {
                    return InvariantText.Of(
                        $"product {product}: found no support of pair {place}, expected it in its list");
                }
            }

            if (partials != PartialsOf(product).Length)
            {
                return InvariantText.Of(
                    $"product {product}: found {PartialsOf(product).Length} partial correlations, expected {partials}");
            }
        }

        return large == Large.Count
            ? null
            : InvariantText.Of($"found supports of {Large.Count} pairs, expected {large}");
    }
}
