using System.Collections.Concurrent;
using System.Diagnostics;
using HdrHistogram;

namespace Bench.Load;

/// <summary>What is measured of the calls of one kind of slice. Any number of threads may add.</summary>
internal sealed class Recording
{
    private const int Digits = 3;
    private static readonly long Longest = TimeSpan.FromHours(1).Ticks * TimeSpan.NanosecondsPerTick;
    private readonly ConcurrentDictionary<string, LongConcurrentHistogram> _latencies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private long _ok;
    private long _bytes;
    private long _unsent;

    /// <summary>Calls that worked.</summary>
    public long Succeeded => Interlocked.Read(ref _ok);

    /// <summary>Bytes of their replies.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Calls of the schedule that could not be sent before its end.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>Calls that failed, by status.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>Nanoseconds of the calls that worked or timed out, by the name of the call.</summary>
    public IReadOnlyDictionary<string, LongConcurrentHistogram> Latencies => _latencies;

    /// <summary>Nanoseconds from the intended to the real start: what the generator itself added.</summary>
    public LongConcurrentHistogram Late { get; } = new(1, Longest, Digits);

    /// <summary>Adds a call.</summary>
    /// <param name="name">The name of the call.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="intended">When it should have started, in ticks of the stopwatch.</param>
    /// <param name="started">When it started.</param>
    /// <param name="ended">When its reply had been read.</param>
    public void Add(string name, Outcome outcome, long intended, long started, long ended)
    {
        Late.RecordValue(Nanoseconds(intended, started));
        if (outcome.Status == Outcome.Ok)
        {
            Interlocked.Increment(ref _ok);
            Interlocked.Add(ref _bytes, outcome.Bytes);
        }
        else
        {
            _errors.AddOrUpdate(outcome.Status, 1, static (_, count) => count + 1);
        }

        // A refusal is fast and would make a failing engine look better.
        if (outcome.Status is Outcome.Ok or Outcome.TimedOut)
        {
            _latencies.GetOrAdd(name, static _ => new(1, Longest, Digits)).RecordValue(Nanoseconds(intended, ended));
        }
    }

    /// <summary>Counts calls that were not sent.</summary>
    public void AddUnsent(long count) => Interlocked.Add(ref _unsent, count);

    /// <summary>The latencies of all calls together.</summary>
    public LongHistogram All()
    {
        var all = new LongHistogram(1, Longest, Digits);
        foreach (var part in _latencies.Values)
        {
            all.Add(part);
        }

        return all;
    }

    private static long Nanoseconds(long from, long to) =>
        Math.Clamp((long)((to - from) * (1e9 / Stopwatch.Frequency)), 1, Longest);
}
