using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>The same right for what outlives a scope: a stream, a task. Dispose it exactly once; a second time is ignored.</summary>
public sealed class ModelPin : IDisposable
{
    private ModelReference? _reference;

    internal ModelPin(ModelReference reference) => _reference = reference;

    /// <summary>The model; its views and ordinals are valid until <see cref="Dispose"/>.</summary>
    public ScoringModel Model => (_reference ?? throw new ObjectDisposedException(nameof(ModelPin))).Model;

    /// <summary>Gives the right back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _reference, null)?.Release();
}
