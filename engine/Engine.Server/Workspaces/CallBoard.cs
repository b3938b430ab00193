using System.Collections.Concurrent;
using Grpc.Core;

namespace Engine.Server.Workspaces;

/// <summary>
/// The calls of the last hour, minute by minute: for people who look at the engine itself. Prometheus keeps more.
/// </summary>
internal sealed class CallBoard(TimeProvider time)
{
    /// <summary>Minutes that are kept, the running one included.</summary>
    public const int Minutes = 60;

    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly ConcurrentDictionary<string, Recent> _calls = new(StringComparer.Ordinal);

    /// <summary>When the engine started.</summary>
    public DateTimeOffset Start => _start;

    /// <summary>One call ended.</summary>
    /// <param name="method">Which.</param>
    /// <param name="status">How.</param>
    /// <param name="duration">How long it took; zero for one that was refused before it began.</param>
    public void Add(string method, StatusCode status, TimeSpan duration) =>
        _calls.GetOrAdd(method, static _ => new Recent()).Add(Minute(time.GetUtcNow()), status, duration);

    /// <summary>The calls of the last minutes, those with most first, and the seconds that were observed.</summary>
    /// <param name="minutes">1..<see cref="Minutes"/>, the running one included.</param>
    public (IReadOnlyList<CallFigures> Calls, double Seconds) Last(int minutes)
    {
        var now = time.GetUtcNow();
        var minute = Minute(now);
        var begin = DateTimeOffset.UnixEpoch.AddMinutes(minute - minutes + 1);
        CallFigures[] calls = [.. _calls
            .Select(call => call.Value.Last(call.Key, minute, minutes))
            .Where(figures => figures.Calls > 0)
            .OrderByDescending(figures => figures.Calls)
            .ThenBy(figures => figures.Method, StringComparer.Ordinal)];
        return (calls, (now - (begin > _start ? begin : _start)).TotalSeconds);
    }

    private static long Minute(DateTimeOffset now) => now.ToUnixTimeSeconds() / 60;

    // One method. The lock is held for some ten nanoseconds.
    private sealed class Recent
    {
        private readonly Lock _turn = new();
        private readonly Slot[] _slots = new Slot[Minutes];

        public void Add(long minute, StatusCode status, TimeSpan duration)
        {
            lock (_turn)
            {
                ref var slot = ref _slots[minute % Minutes];
                slot ??= new Slot();
                if (slot.Minute != minute)
                {
                    slot.Clear(minute);
                }

                slot.Statuses[Math.Clamp((int)status, 0, Slot.Codes - 1)]++;
                if (duration > TimeSpan.Zero)
                {
                    slot.Durations[CallFigures.PartOf(duration)]++;
                }
            }
        }

        public CallFigures Last(string method, long minute, int minutes)
        {
            var figures = new CallFigures(method, minutes);
            lock (_turn)
            {
                foreach (var slot in _slots)
                {
                    if (slot is not null && minute - slot.Minute is >= 0 and var age && age < minutes)
                    {
                        figures.Add(minutes - 1 - (int)age, slot.Statuses, slot.Durations);
                    }
                }
            }

            return figures;
        }
    }

    private sealed class Slot
    {
        public const int Codes = 17;

        public long Minute { get; private set; } = -1;

        public int[] Statuses { get; } = new int[Codes];

        public int[] Durations { get; } = new int[CallFigures.Parts];

        public void Clear(long minute)
        {
            Minute = minute;
            Array.Clear(Statuses);
            Array.Clear(Durations);
        }
    }
}
