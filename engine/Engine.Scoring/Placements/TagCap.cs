using Engine.Scoring.Pools;
using Engine.Snapshots.Mapping;

namespace Engine.Scoring.Placements;

/// <summary>At most so many products of each value of a tag. A product without a value is not limited.</summary>
/// <param name="tag">Text or multi-valued text.</param>
/// <param name="most">For each value.</param>
internal sealed class TagCap(MappedTag tag, int most)
{
    /// <summary>Distinct values.</summary>
    public int Values => tag.Words.Count;

    /// <summary>Whether one more such product breaks the cap.</summary>
    public bool IsFull(ReadOnlySpan<int> counts, int product)
    {
        foreach (var value in tag.ValuesOf(product))
        {
            if (value >= 0 && counts[value] >= most)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Counts a product that stands in the list.</summary>
    public void Count(Span<int> counts, int product)
    {
        foreach (var value in tag.ValuesOf(product))
        {
            if (value >= 0)
            {
                counts[value]++;
            }
        }
    }
}
