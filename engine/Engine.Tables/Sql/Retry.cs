using System.Globalization;

namespace Engine.Tables.Sql;

/// <summary>
/// Repeats work that failed for a passing reason: pauses of 0.5, 1, 2, 4, ... seconds, at most
/// <see cref="LongestPause"/>. The work must leave nothing behind when it fails.
/// </summary>
/// <param name="time">The clock of the pauses.</param>
/// <param name="attempts">How often to try, 1 or more.</param>
public sealed class Retry(TimeProvider time, int attempts = Retry.DefaultAttempts)
{
    /// <summary>Tries that span about a minute: longer than a restart of the server.</summary>
    public const int DefaultAttempts = 9;

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>How often work was repeated so far.</summary>
    public int Repeats => _repeats;

    private int _repeats;

    /// <summary>Runs the work until it succeeds, fails for good, or has been tried often enough.</summary>
    public T Run<T>(Func<T> work, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                return work();
            }
            catch (SourceException e) when (e.IsTransient && attempt < attempts)
            {
                Interlocked.Increment(ref _repeats);
                Task.Delay(Pause(attempt), time, cancel).GetAwaiter().GetResult();
            }
            catch (SourceException e) when (e.IsTransient && attempts > 1)
            {
                throw new SourceException(e.Fault, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{e.Message} It was tried {attempts} times."), e);
            }
        }
    }

    private static TimeSpan Pause(int attempt) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.5 * Math.Pow(2, attempt - 1)));
}
