using System.Runtime.CompilerServices;
using Engine.Kernels.Arithmetic;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;

namespace Engine.Scoring.Placements;

/// <summary>What one model keeps for placements, as long as it lives.</summary>
internal sealed class ModelPlacements
{
    private static readonly ConditionalWeakTable<ScoringModel, ModelPlacements> All = [];

    private readonly ConditionalWeakTable<PlacementDefinition, ResolvedPlacement> _resolved = [];
    private readonly Stack<PlacementWork> _idle = new();
    private readonly Lock _lock = new();
    private volatile float[]? _inverseNorms;

    /// <summary>Those of a model.</summary>
    public static ModelPlacements Of(ScoringModel model) =>
        All.TryGetValue(model, out var known) ? known : All.GetValue(model, static _ => new ModelPlacements());

    /// <summary>The placement on this model; kept until its active rules or its pool change.</summary>
    public ResolvedPlacement Resolve(
        ScoringModel model,
        PlacementDefinition definition,
        DateTimeOffset now,
        ResolvedPool? pool,
        CancellationToken cancellation)
    {
        var active = 0ul;
        for (var i = 0; i < definition.Rules.Count; i++)
        {
            active |= definition.Rules[i].IsActive(now) ? 1ul << i : 0;
        }

        if (_resolved.TryGetValue(definition, out var known) && known.Fits(active, pool))
        {
            return known;
        }

        definition.Check();
        var resolved = new ResolvedPlacement(model, definition, active, pool, cancellation);
        _resolved.AddOrUpdate(definition, resolved);
        return resolved;
    }

    /// <summary>1 / length of each product's factors, without the rates; 0 for a zero row.</summary>
    public float[] InverseNorms(ScoringModel model)
    {
        if (_inverseNorms is { } known)
        {
            return known;
        }

        var norms = new float[model.Products.Rows];
        var direction = new float[model.Products.Stride];
        for (var product = 0; product < norms.Length; product++)
        {
            CopyFactors(model, product, direction);
            var squares = DotProduct.Score(direction, direction);
            norms[product] = squares > 0 && float.IsFinite(squares) ? 1 / MathF.Sqrt(squares) : 0;
        }

        return _inverseNorms = norms;
    }

    /// <summary>A product's factors; zeros in place of its rates.</summary>
    public static void CopyFactors(ScoringModel model, int product, Span<float> target)
    {
        var factors = model.Snapshot.Manifest.FactorCount;
        model.Products[product][..factors].CopyTo(target);
        target[factors..].Clear();
    }

    public PlacementWork Rent()
    {
        lock (_lock)
        {
            return _idle.TryPop(out var work) ? work : new PlacementWork();
        }
    }

    public void Return(PlacementWork work)
    {
        lock (_lock)
        {
            _idle.Push(work);
        }
    }
}
