using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>
/// The reference count of a model: one for the host that serves it, one for each lease. At zero the model is closed.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="close">Closes it; null disposes of it on the thread that releases the last reference.</param>
internal sealed class ModelReference(ScoringModel model, Action<ScoringModel>? close = null)
{
    private readonly TaskCompletionSource _revoked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count = 1;

    /// <summary>The model; only for holders of a reference.</summary>
    public ScoringModel Model { get; } = model;

    /// <summary>Whether nobody uses the model any more.</summary>
    public bool IsReleased => Volatile.Read(ref _count) == 0;

    /// <summary>Whether pins were told to end.</summary>
    public bool IsRevoked => _revoked.Task.IsCompleted;

    /// <summary>Completes when pins are told to end.</summary>
    public Task Revoked => _revoked.Task;

    /// <summary>Tells pins to end.</summary>
    public void Revoke() => _revoked.TrySetResult();

    /// <summary>Adds a reference; false when the count is zero.</summary>
    public bool TryAdd()
    {
        var count = Volatile.Read(ref _count);
        while (count > 0)
        {
            var found = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (found == count)
            {
                return true;
            }

            count = found;
        }

        return false;
    }

    /// <summary>Releases a reference.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _count) > 0)
        {
            return;
        }

        if (close is null)
        {
            Model.Dispose();
        }
        else
        {
            close(Model);
        }
    }
}
