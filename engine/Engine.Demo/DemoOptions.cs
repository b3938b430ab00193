namespace Engine.Demo;

/// <summary>What the demo was asked for.</summary>
internal sealed record DemoOptions
{
    /// <summary>Relative to the checkout; git ignores it.</summary>
    public const string DefaultOut = "artifacts/demo";

    /// <summary>The reader's own behavior table, or null.</summary>
    public string? Behavior { get; init; }

    /// <summary>The reader's own product table, or null.</summary>
    public string? Product { get; init; }

    /// <summary>Of the generated brand: tiny, small, medium or large.</summary>
    public required string Size { get; init; }

    /// <summary>Of the generated brand and the training.</summary>
    public required int Seed { get; init; }

    /// <summary>
    /// The last day of the generated brand's data: today, so that predictions cover the days to come.
    /// </summary>
    public required DateOnly LastDay { get; init; }

    /// <summary>Where tables and snapshots go.</summary>
    public required string Out { get; init; }

    /// <summary>Endpoints of the engine, or null for free ports.</summary>
    public string? Urls { get; init; }

    /// <summary>End after the questions.</summary>
    public bool Exit { get; init; }
}

/// <summary>The demo cannot go on; the message says what was found and what to do.</summary>
internal sealed class DemoException(string message) : Exception(message);
