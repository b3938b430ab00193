using Engine.Scoring.Models;
using Engine.Scoring.Sets;

namespace Engine.Scoring.Placements;

/// <summary>
/// What the placements of one page have shown so far, on one model: none of it is shown again. Reusable.
/// </summary>
public sealed class PlacementPage
{
    internal Bitset Products { get; } = new();

    internal Bitset Cold { get; } = new();

    /// <summary>Begins a page.</summary>
    public void Begin(ScoringModel model)
    {
        Products.Clear(model.Products.Rows);
        Cold.Clear(model.Cold?.Products.Rows ?? 0);
    }
}
