using System.Text.Json.Serialization;
using Engine.Scoring.Pools;

namespace Engine.Scoring.Placements;

/// <summary>What a rule of a placement does.</summary>
public enum PlacementRuleKind
{
    /// <summary>Puts a product to a place.</summary>
    Pin,

    /// <summary>Adds a number to the score of the products of a pool rule; a negative one buries them.</summary>
    Boost,

    /// <summary>At most so many products of each value of a text tag.</summary>
    Cap,

    /// <summary>At least so many products of a pool rule.</summary>
    Minimum,

    /// <summary>Takes weight x similarity off the score of a product that is like one above it.</summary>
    Diversity,

    /// <summary>Lets at most so many new products compete, whose factors come from their tags alone.</summary>
    Explore,
}

/// <summary>One rule of a placement; which properties count follows from <see cref="Kind"/>.</summary>
public sealed record PlacementRule
{
    /// <summary>What it does.</summary>
    public PlacementRuleKind Kind { get; init; }

    /// <summary>Boost and minimum: a rule over tags.</summary>
    public string Rule
    {
        get => Held.Rule;
        init => Held = PoolDefinition.OfRule(value);
    }

    /// <summary>Pin: the product.</summary>
    public string ProductId { get; init; } = "";

    /// <summary>Pin: 1 for the first place.</summary>
    public int Place { get; init; }

    /// <summary>Cap: a text tag, by column or alias.</summary>
    public string Tag { get; init; } = "";

    /// <summary>Cap, minimum and explore: how many.</summary>
    public int Count { get; init; }

    /// <summary>Boost and explore: the addend. Diversity: the weight, in units of the score.</summary>
    public float Amount { get; init; }

    /// <summary>The rule is active from then on; null means always.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The rule is active before then; null means forever.</summary>
    public DateTimeOffset? To { get; init; }

    // One object as long as the rule is: models keep what it holds.
    [JsonIgnore]
    internal PoolDefinition Held { get; private init; } = PoolDefinition.OfRule("");

    internal bool IsSplit => Kind is PlacementRuleKind.Boost or PlacementRuleKind.Minimum;

    internal bool IsActive(DateTimeOffset now) => !(now < From) && !(now >= To);
}
