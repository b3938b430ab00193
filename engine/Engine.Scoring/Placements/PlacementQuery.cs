using Engine.Scoring.Events;
using Engine.Scoring.Queries;

namespace Engine.Scoring.Placements;

/// <summary>The products of one placement for one shopper. Reusable.</summary>
public sealed class PlacementQuery
{
    /// <summary>Which placement; checked by <see cref="PlacementDefinition.Check"/>.</summary>
    public PlacementDefinition Definition { get; set; } = new("");

    /// <summary>Opaque, case-sensitive; may be empty.</summary>
    public string UserId { get; set; } = "";

    /// <summary>What the shopper just did; at most 256 rows.</summary>
    public List<RecentBehavior> Recent => Shopper.Recent;

    /// <summary>What users did since the training; the default is nothing.</summary>
    public EventView Events
    {
        get => Shopper.Events;
        set => Shopper.Events = value;
    }

    /// <summary>The products on the page, at most 256: the related ones come from them, and none of them is in the
    /// answer.</summary>
    public List<string> PageProductIds { get; } = [];

    /// <summary>Never in the answer, beside those that the placement excludes.</summary>
    public List<string> ExcludedProductIds { get; } = [];

    /// <summary>The saved pool that the placement names, and the blocked products. The rest is filled in.</summary>
    public ProductFilter Filter => Shopper.Filter;

    /// <summary>Which scheduled rules are active.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Fill <see cref="PlacementAnswer.Explanations"/>.</summary>
    public bool Explain { get; set; }

    internal RecommendQuery Shopper { get; } = new() { OnUnknown = UnknownUserPolicy.Empty };
}
