using System.Globalization;
using Engine.Kernels;

namespace Trainer.Evaluation.Tuning;

/// <summary>
/// The time that a search for settings may take, and its log: lines that start with the seconds since it began.
/// </summary>
/// <param name="limit">Time for everything, the fits after the search included.</param>
/// <param name="time">The clock.</param>
/// <param name="output">Where lines are written.</param>
public sealed class Budget(TimeSpan limit, TimeProvider time, TextWriter output)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Seconds in all.</summary>
    public double Seconds => limit.TotalSeconds;

    /// <summary>Seconds since the start.</summary>
    public double Elapsed => time.GetElapsedTime(_start).TotalSeconds;

    /// <summary>
    /// Whether a share of the budget, counted from the start, has room for a step of so many seconds.
    /// </summary>
    public bool HasRoom(double share, double seconds) => Elapsed + seconds <= share * Seconds;

    /// <summary>Writes a line.</summary>
    public void Say(InvariantText line) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Elapsed,7:F1} s] {line.Take()}"));
}
