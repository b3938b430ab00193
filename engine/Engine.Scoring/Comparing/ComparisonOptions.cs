namespace Engine.Scoring.Comparing;

/// <summary>How two snapshots are compared.</summary>
public sealed record ComparisonOptions
{
    /// <summary>
    /// Users of both snapshots whose lists are compared, evenly spread over them; int.MaxValue for all. 1 or more.
    /// </summary>
    public int Users { get; init; } = 100_000;

    /// <summary>Threads; the figures do not depend on them.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The column or alias of the text tag that stands for the category; null for the first text tag.
    /// </summary>
    public string? Category { get; init; }

    /// <summary>Products and categories with the largest moves to name.</summary>
    public int Moves { get; init; } = 20;

    /// <summary>Saved audiences: their names and users.</summary>
    public IEnumerable<(string Name, IEnumerable<string> Ids)> Audiences { get; init; } = [];
}
