namespace Engine.Scoring.Queries;

/// <summary>Rank the values of a tag for a user: categories, brands. Reusable.</summary>
public sealed class TagValueQuery
{
    /// <summary>The most values.</summary>
    public const int MaximumTopK = 10_000;

    /// <summary>
    /// Whom it is about, and which products count. <c>TopK</c>, <c>OnUnknown</c> and <c>Explain</c> do not count.
    /// </summary>
    public RecommendQuery Shopper { get; } = new();

    /// <summary>A text tag, by column or alias.</summary>
    public string Tag { get; set; } = "";

    /// <summary>1..10,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>What a value scores.</summary>
    public PoolScore By { get; set; }
}
