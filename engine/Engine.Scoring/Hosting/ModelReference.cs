using Engine.Scoring.Models;

namespace Engine.Scoring.Hosting;

/// <summary>Counts who uses a model: one for the host that serves it, one for each lease. The last one out disposes it.</summary>
internal sealed class ModelReference(ScoringModel model)
{
    private int _count = 1;

    /// <summary>The model; only for whoever is counted.</summary>
    public ScoringModel Model { get; } = model;

    /// <summary>Joins, unless the last one has left.</summary>
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

    /// <summary>Leaves.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            Model.Dispose();
        }
    }
}
