using Grpc.Core;

namespace Engine.Server.Workspaces;

/// <summary>The calls of one method in some minutes.</summary>
/// <param name="method">Which.</param>
/// <param name="minutes">How many.</param>
internal sealed class CallFigures(string method, int minutes)
{
    /// <summary>Parts of the scale of durations: eight to each doubling, from a microsecond to an hour.</summary>
    public const int Parts = 256;

    private const int PartsADoubling = 8;

    private readonly long[] _byMinute = new long[minutes];
    private readonly SortedDictionary<StatusCode, long> _byStatus = [];
    private readonly long[] _durations = new long[Parts];

    /// <summary>Which.</summary>
    public string Method => method;

    /// <summary>All of them.</summary>
    public long Calls => _byMinute.Sum();

    /// <summary>Of each minute, oldest first.</summary>
    public IReadOnlyList<long> ByMinute => _byMinute;

    /// <summary>How they ended.</summary>
    public IReadOnlyDictionary<StatusCode, long> ByStatus => _byStatus;

    /// <summary>The part of the scale that a duration belongs to.</summary>
    public static int PartOf(TimeSpan duration) =>
        Math.Clamp((int)(PartsADoubling * Math.Log2(Math.Max(1, duration.TotalMicroseconds))), 0, Parts - 1);

    /// <summary>Adds the calls of one minute.</summary>
    public void Add(int minute, ReadOnlySpan<int> statuses, ReadOnlySpan<int> durations)
    {
        for (var code = 0; code < statuses.Length; code++)
        {
            if (statuses[code] > 0)
            {
                _byMinute[minute] += statuses[code];
                _byStatus[(StatusCode)code] = _byStatus.GetValueOrDefault((StatusCode)code) + statuses[code];
            }
        }

        for (var part = 0; part < Parts; part++)
        {
            _durations[part] += durations[part];
        }
    }

    /// <summary>The microseconds that a share of the calls took at most, within 5 %; 0 without calls.</summary>
    public double Micros(double share)
    {
        var left = share * _durations.Sum();
        for (var part = 0; part < Parts; part++)
        {
            left -= _durations[part];
            if (_durations[part] > 0 && left <= 0)
            {
                // The middle of the part.
                return Math.Pow(2, (part + 0.5) / PartsADoubling);
            }
        }

        return 0;
    }
}
