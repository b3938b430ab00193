namespace Engine.Scoring.Hosting;

/// <summary>
/// Models that are no longer served and that streams still use. When there are more than the bound, the pins of the
/// oldest are told to end, so that its memory returns: see <see cref="ModelPin.Replaced"/>.
/// </summary>
/// <param name="bound">Models that may stay mapped for streams.</param>
public sealed class RetiredModels(int bound)
{
    private readonly List<ModelReference> _retired = [];
    private readonly Lock _lock = new();

    /// <summary>Models that are still in use.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                _retired.RemoveAll(model => model.IsReleased);
                return _retired.Count;
            }
        }
    }

    /// <summary>Releases the host's reference, and ends the oldest pins above the bound.</summary>
    internal void Add(ModelReference model)
    {
        model.Release();
        ModelReference[] excess;
        lock (_lock)
        {
            _retired.Add(model);
            _retired.RemoveAll(known => known.IsReleased);
            excess = [.. _retired.Where(known => !known.IsRevoked).SkipLast(bound)];
        }

        foreach (var old in excess)
        {
            old.Revoke();
        }
    }
}
