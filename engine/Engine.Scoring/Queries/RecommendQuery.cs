using Engine.Scoring.Events;

namespace Engine.Scoring.Queries;

/// <summary>Recommend products for a user, a basket, or both. Reusable.</summary>
public sealed class RecommendQuery
{
    /// <summary>The largest top-K.</summary>
    public const int MaximumTopK = 10_000;

    /// <summary>The most rows of recent behavior.</summary>
    public const int MaximumRecent = 256;

    /// <summary>Opaque, case-sensitive; may be empty when there is recent behavior.</summary>
    public string UserId { get; set; } = "";

    /// <summary>What the shopper just did; at most 256 rows.</summary>
    public List<RecentBehavior> Recent { get; } = [];

    /// <summary>What users did since the training; the default is nothing.</summary>
    public EventView Events { get; set; }

    /// <summary>1..10,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>Which products compete.</summary>
    public ProductFilter Filter { get; } = new();

    /// <summary>How to treat products that the user purchased in the scope year, or in the recent behavior.</summary>
    public PurchasedPolicy Purchased { get; set; }

    /// <summary>What to do when neither the user nor a recent product is known.</summary>
    public UnknownUserPolicy OnUnknown { get; set; }

    /// <summary>Fill <see cref="RecommendAnswer.Explanations"/>.</summary>
    public bool Explain { get; set; }

    /// <summary>Count the eligible products, score nothing.</summary>
    public bool ValidateOnly { get; set; }
}
