using Engine.Snapshots;
using Engine.Snapshots.Manifest;

namespace Engine.Server.Contract;

/// <summary>
/// Measures one call and compares now with the snapshot's prediction window. The clock comes in from outside.
/// </summary>
internal readonly struct CallClock
{
    private static volatile Warning? _lastWarning;
    private static volatile Window? _lastWindow;

    private readonly TimeProvider _time;
    private readonly long _start;

    private CallClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Microseconds since <see cref="Start"/>.</summary>
    public long Micros => (long)_time.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>The time of day now, UTC.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Begins to measure.</summary>
    public static CallClock Start(TimeProvider time) => new(time);

    /// <summary>Adds <see cref="StaleWarning"/>, if there is one.</summary>
    public void WarnWhenStale(Snapshot snapshot, ICollection<string> warnings)
    {
        if (StaleWarning(snapshot) is { } warning)
        {
            warnings.Add(warning);
        }
    }

    /// <summary>
    /// A warning when today (UTC; the clock of a dataset has no zone) is after the last day that the snapshot predicts,
    /// or null.
    /// </summary>
    public string? StaleWarning(Snapshot snapshot)
    {
        var scope = snapshot.Manifest.Scope;
        var window = _lastWindow;
        if (!ReferenceEquals(window?.Scope, scope))
        {
            // The scope has its days as text.
            _lastWindow = window = new Window(scope, scope.WindowEnd);
        }

        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (today <= window!.End)
        {
            return null;
        }

        // All calls of a day on one snapshot say the same.
        var last = _lastWarning;
        if (last is null || last.Today != today || last.SnapshotId != snapshot.SetId)
        {
            var text = $"today, {today:yyyy-MM-dd}, is past the prediction window {scope.WindowStart:yyyy-MM-dd} .. " +
                $"{scope.WindowEnd:yyyy-MM-dd} of snapshot {snapshot.SetId}. Retrain on newer data";
            _lastWarning = last = new Warning(snapshot.SetId, today, text);
        }

        return last.Text;
    }

    private sealed record Window(ScopeFacts Scope, DateOnly End);

    private sealed record Warning(string SnapshotId, DateOnly Today, string Text);
}
