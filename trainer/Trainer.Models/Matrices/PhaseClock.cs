using System.Diagnostics;

namespace Trainer.Models.Matrices;

/// <summary>Wall time from lap to lap.</summary>
public sealed class PhaseClock
{
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The time since the last lap, or since the start.</summary>
    public TimeSpan Lap()
    {
        var now = Stopwatch.GetTimestamp();
        var lap = Stopwatch.GetElapsedTime(_last, now);
        _last = now;
        return lap;
    }
}
