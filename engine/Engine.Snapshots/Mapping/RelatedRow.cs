using Engine.Snapshots.Format;

namespace Engine.Snapshots.Mapping;

/// <summary>A related product.</summary>
/// <param name="Product">Product ordinal.</param>
/// <param name="Strength">Shrunk asymmetric cosine over purchasers, 0..1.</param>
/// <param name="Support">Users who purchased both.</param>
/// <param name="Partial">
/// Partial correlation, -1..1: how strongly both go together beyond what the products around them explain; null in
/// older files.
/// </param>
public readonly record struct RelatedPair(int Product, float Strength, int Support, float? Partial);

/// <summary>The related products of one product, strongest first, for one <c>foreach</c>.</summary>
public ref struct RelatedRow
{
    private readonly ReadOnlySpan<int> _products;
    private readonly ReadOnlySpan<int> _supports;
    private readonly ReadOnlySpan<float> _strengths;
    private readonly ReadOnlySpan<float> _partials;
    private readonly bool _hasPartials;
    private readonly RelatedRecord? _layout;
    private readonly LargeNumbers<int> _large;
    private readonly long _start;
    private int _at = -1;
    private int _nextPartial;

    /// <summary>Arrays, element for element; no partial correlations, or all.</summary>
    internal RelatedRow(
        ReadOnlySpan<int> products, ReadOnlySpan<int> supports, ReadOnlySpan<float> strengths,
        ReadOnlySpan<float> partials)
    {
        _products = products;
        _supports = supports;
        _strengths = strengths;
        _partials = partials;
        _hasPartials = !partials.IsEmpty;
    }

    /// <summary>Records of <see cref="RelatedRecord"/>.</summary>
    /// <param name="layout">Of the records.</param>
    /// <param name="records">Of the row.</param>
    /// <param name="strengths">Element for element.</param>
    /// <param name="hasPartials">Whether records without a partial correlation have zero.</param>
    /// <param name="partials">Of the records that say so.</param>
    /// <param name="start">Records before the row.</param>
    /// <param name="large">Supports that do not fit a record.</param>
    internal RelatedRow(
        RelatedRecord layout, ReadOnlySpan<int> records, ReadOnlySpan<float> strengths, bool hasPartials,
        ReadOnlySpan<float> partials, long start, LargeNumbers<int> large)
    {
        _products = records;
        _strengths = strengths;
        _partials = partials;
        (_layout, _hasPartials, _start, _large) = (layout, hasPartials, start, large);
    }

    /// <summary>Related products.</summary>
    public readonly int Count => _products.Length;

    /// <summary>The one that <see cref="MoveNext"/> reached.</summary>
    public RelatedPair Current { get; private set; }

    /// <summary>From the strongest on.</summary>
    public readonly RelatedRow GetEnumerator() => this;

    /// <summary>Goes to the next one, if there is any.</summary>
    public bool MoveNext()
    {
        if (++_at >= _products.Length)
        {
            return false;
        }

        var (number, strength) = (_products[_at], _strengths[_at]);
        if (_layout is not { } layout)
        {
            Current = new(number, strength, _supports[_at], _hasPartials ? _partials[_at] : null);
            return true;
        }

        var support = layout.Support(number);
        Current = new(
            layout.Product(number),
            strength,
            support < layout.LargeSupport ? support : _large.Of(_start + _at),
            layout.HasPartial(number) ? _partials[_nextPartial++] : _hasPartials ? 0 : null);
        return true;
    }
}
