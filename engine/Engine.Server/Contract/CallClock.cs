using Engine.Snapshots;

namespace Engine.Server.Contract;

/// <summary>Measures one call and compares now with the snapshot's prediction window. The clock comes in from outside.</summary>
internal readonly struct CallClock
{
    private readonly TimeProvider _time;
    private readonly long _start;

    private CallClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Microseconds since <see cref="Start"/>.</summary>
    public long Micros => (long)_time.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>Begins to measure.</summary>
    public static CallClock Start(TimeProvider time) => new(time);

    /// <summary>
    /// Adds a warning when today (UTC; the clock of a dataset has no zone) is after the last day that the snapshot predicts.
    /// </summary>
    public void WarnWhenStale(Snapshot snapshot, ICollection<string> warnings)
    {
        var scope = snapshot.Manifest.Scope;
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (today > scope.WindowEnd)
        {
            warnings.Add($"today, {today:yyyy-MM-dd}, is past the prediction window {scope.WindowStart:yyyy-MM-dd} .. {scope.WindowEnd:yyyy-MM-dd} of snapshot {snapshot.Id}. Retrain on newer data");
        }
    }
}
