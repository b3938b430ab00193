using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>A reference to one model that outlives a scope: for a stream or a task. A second dispose is ignored.</summary>
public sealed class ModelPin : IDisposable
{
    private ModelReference? _reference;

    internal ModelPin(ModelReference reference) => _reference = reference;

    /// <summary>The model; its views and ordinals are valid until <see cref="Dispose"/>.</summary>
    public ScoringModel Model => (_reference ?? throw new ObjectDisposedException(nameof(ModelPin))).Model;

    /// <summary>Releases the reference.</summary>
    public void Dispose() => Interlocked.Exchange(ref _reference, null)?.Release();
}
