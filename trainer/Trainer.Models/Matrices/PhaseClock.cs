namespace Trainer.Models.Matrices;

/// <summary>Wall time from lap to lap.</summary>
public sealed class PhaseClock(TimeProvider time)
{
    private long _last = time.GetTimestamp();

    /// <summary>The time since the last lap, or since the start.</summary>
    public TimeSpan Lap()
    {
        var now = time.GetTimestamp();
        var lap = time.GetElapsedTime(_last, now);
        _last = now;
        return lap;
    }
}
