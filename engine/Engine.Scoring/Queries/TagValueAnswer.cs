using Engine.Snapshots.Ids;

namespace Engine.Scoring.Queries;

/// <summary>A value of a tag.</summary>
/// <param name="Value">The text.</param>
/// <param name="Score">The best or the mean score of its competing products.</param>
/// <param name="Products">How many of its products compete.</param>
/// <param name="Best">The product with the best score; null for the mean.</param>
public readonly record struct ScoredTagValue(string Value, float Score, int Products, ProductOrdinal? Best);

/// <summary>The answer to a <see cref="TagValueQuery"/>.</summary>
public sealed class TagValueAnswer
{
    /// <summary>Best first; ties by the value's place in the snapshot.</summary>
    public List<ScoredTagValue> Values { get; } = [];

    /// <summary>Values with a competing product.</summary>
    public int ValueCount { get; internal set; }

    /// <summary>Who competed, the skipped ids, the events.</summary>
    public RecommendAnswer Competition { get; } = new();

    internal void Clear()
    {
        Values.Clear();
        ValueCount = 0;
        Competition.Clear();
    }
}
