namespace Engine.Scoring.Events;

/// <summary>
/// Times as events have them: milliseconds since 1970-01-01 of the dataset's clock, which has no zone.
/// </summary>
public static class EventTime
{
    /// <summary>Milliseconds of a day.</summary>
    public const long OfDay = 86_400_000;

    /// <summary>The milliseconds of a time; finer digits are cut.</summary>
    public static long Of(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
}
