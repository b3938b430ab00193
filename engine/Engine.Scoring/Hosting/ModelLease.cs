using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>The right to use one model until the end of a scope: <c>using var lease = host.Acquire();</c></summary>
public readonly ref struct ModelLease
{
    private readonly ModelReference _reference;

    internal ModelLease(ModelReference reference) => _reference = reference;

    /// <summary>The model; its views and ordinals are valid until <see cref="Dispose"/>.</summary>
    public ScoringModel Model => _reference.Model;

    /// <summary>Gives the right back, once.</summary>
    public void Dispose() => _reference?.Release();
}
