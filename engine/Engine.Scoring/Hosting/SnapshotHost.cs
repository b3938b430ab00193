using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>
/// Serves one model at a time and swaps it under load: a request that holds a lease finishes on the model that it
/// started with. A model is closed when its last lease is released.
/// </summary>
/// <param name="retired">Bounds the replaced models that streams keep; null leaves them unbounded.</param>
/// <param name="close">
/// Closes a model that nobody uses: <see cref="ModelCloser.Close"/>; null unmaps it on the thread of the last lease.
/// </param>
public sealed class SnapshotHost(RetiredModels? retired = null, Action<ScoringModel>? close = null) : IDisposable
{
    private ModelReference? _current;

    /// <summary>The id of the served snapshot, or null.</summary>
    public string? ActiveId
    {
        get
        {
            if (!TryAcquire(out var lease))
            {
                return null;
            }

            using (lease)
            {
                return lease.Model.Snapshot.Id;
            }
        }
    }

    /// <summary>A lease on the served model.</summary>
    /// <exception cref="NoSnapshotException">Nothing is served yet.</exception>
    public ModelLease Acquire() => TryAcquire(out var lease) ? lease : throw new NoSnapshotException();

    /// <summary>A lease on the served model, if there is one.</summary>
    public bool TryAcquire(out ModelLease lease)
    {
        var reference = TryReference();
        lease = reference is null ? default : new ModelLease(reference);
        return reference is not null;
    }

    /// <summary>A pin on the served model, for streams and tasks; null when nothing is served yet.</summary>
    public ModelPin? TryPin() => TryReference() is { } reference ? new ModelPin(reference) : null;

    /// <summary>Serves <paramref name="next"/>, which the host now owns, in one atomic swap.</summary>
    public void Swap(ScoringModel next) => Retire(Interlocked.Exchange(ref _current, new ModelReference(next, close)));

    /// <summary>Stops serving, until the next swap. Leases stay valid until they are released.</summary>
    public void Clear() => Retire(Interlocked.Exchange(ref _current, null));

    /// <summary>Stops serving. Leases stay valid until they are released.</summary>
    public void Dispose() => Clear();

    private void Retire(ModelReference? model)
    {
        if (model is not null && retired is not null)
        {
            retired.Add(model);
        }
        else
        {
            model?.Release();
        }
    }

    private ModelReference? TryReference()
    {
        while (Volatile.Read(ref _current) is { } reference)
        {
            // A reference whose count is zero was swapped out in between: read again.
            if (reference.TryAdd())
            {
                return reference;
            }
        }

        return null;
    }
}
