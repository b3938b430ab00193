using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>
/// A reference to one model that outlives a scope: for a stream or a task. A second dispose is ignored.
/// </summary>
public sealed class ModelPin : IDisposable
{
    private ModelReference? _reference;

    internal ModelPin(ModelReference reference) => _reference = reference;

    /// <summary>The model; its views and ordinals are valid until <see cref="Dispose"/>.</summary>
    public ScoringModel Model => (_reference ?? throw new ObjectDisposedException(nameof(ModelPin))).Model;

    /// <summary>
    /// Completes when the model was replaced and too many replaced ones are still in use: a stream ends then, so that
    /// the memory returns. A task, which is one of few, may finish.
    /// </summary>
    public Task Replaced => (_reference ?? throw new ObjectDisposedException(nameof(ModelPin))).Revoked;

    /// <summary>Releases the reference.</summary>
    public void Dispose() => Interlocked.Exchange(ref _reference, null)?.Release();
}
