using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>A reference to one model until the end of a scope: <c>using var lease = host.Acquire();</c></summary>
public readonly ref struct ModelLease
{
    private readonly ModelReference _reference;

    internal ModelLease(ModelReference reference) => _reference = reference;

    /// <summary>The model; its views and ordinals are valid until <see cref="Dispose"/>.</summary>
    public ScoringModel Model => _reference.Model;

    /// <summary>Releases the reference; call it once.</summary>
    public void Dispose() => _reference?.Release();
}
