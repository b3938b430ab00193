using Engine;

namespace Trainer.Data.Generate;

/// <summary>What sort of shop a generated brand is.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="ShortestCycle">
/// Days after which the fastest product is used up; 0 leaves each category its own pace, or none.
/// </param>
/// <param name="LongestCycle">The slowest.</param>
/// <param name="AgainChance">Whether a customer goes on buying what is used up, at each time.</param>
/// <param name="FreshDays">
/// Days after launch by which a product draws half as many customers: collections that come and go. 0 for a standing
/// assortment.
/// </param>
/// <param name="SameChance">Whether a customer who has a product buys it on another visit.</param>
internal sealed record BrandKind(
    string Name, int ShortestCycle, int LongestCycle, double AgainChance, int FreshDays, double SameChance)
{
    /// <summary>Some of everything.</summary>
    public static readonly BrandKind Mixed = new("mixed", 0, 0, 0.55, 0, 1);

    /// <summary>Every kind.</summary>
    public static readonly IReadOnlyList<BrandKind> All =
    [
        Mixed,
        // Everything is used up within 8 to 40 days, and most customers stay with what they know.
        new("consumables", 8, 40, 0.8, 0, 1),
        // Nobody needs the same dress twice, and last season's is gone.
        new("fashion", 0, 0, 0, 60, 0.04),
    ];

    /// <summary>The kind of a name. Errors: <see cref="InputException"/> for another name.</summary>
    public static BrandKind Named(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new InputException(
            $"there is no brand '{name}': choose one of {string.Join(", ", All.Select(kind => kind.Name))}.");
}
