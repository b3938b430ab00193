using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Admission;

/// <summary>
/// Long replies that are on their way: a client that does not read one may keep it in memory for a while, but not all
/// clients together without end.
/// </summary>
internal sealed class UnreadReplies(CallLimits limits, TimeProvider time)
{
    /// <summary>
    /// A reply of so many bytes is not counted: short questions are answered whatever others leave unread.
    /// </summary>
    public const int Free = 32 << 10;

    private const long Most = 128 << 20;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private long _held;

    /// <summary>Bytes of long replies that are not sent yet.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Counts a reply until it is sent, and ends a call whose client does not read it.</summary>
    /// <param name="http">The call.</param>
    /// <param name="bytes">Of its reply.</param>
    /// <exception cref="ExhaustedException">All of them together are too long.</exception>
    public void Hold(HttpContext http, int bytes)
    {
        if (bytes <= Free)
        {
            return;
        }

        var held = Interlocked.Add(ref _held, bytes);
        if (held > Most)
        {
            Interlocked.Add(ref _held, -bytes);
            throw new ExhaustedException(
                $"found {held:N0} bytes of replies that their callers have not read; expected at most {Most:N0}. "
                + "Try again, or ask for less at a time",
                Retry);
        }

        http.Response.OnCompleted(new Unread(this, http, bytes).End);
    }

    private sealed class Unread
    {
        private readonly UnreadReplies _all;
        private readonly HttpContext _http;
        private readonly int _bytes;
        private readonly ITimer _timer;
        private bool _hasEnded;

        public Unread(UnreadReplies all, HttpContext http, int bytes)
        {
            (_all, _http, _bytes) = (all, http, bytes);
            var patience = TimeSpan.FromSeconds(all.Seconds);
            _timer = all.Time.CreateTimer(_ => GiveUp(), null, patience, Timeout.InfiniteTimeSpan);
        }

        public System.Threading.Tasks.Task End()
        {
            lock (_timer)
            {
                _hasEnded = true;
            }

            _timer.Dispose();
            Interlocked.Add(ref _all._held, -_bytes);
            return System.Threading.Tasks.Task.CompletedTask;
        }

        // Not after the end: the next call of the connection has the same object.
        private void GiveUp()
        {
            lock (_timer)
            {
                if (!_hasEnded)
                {
                    _http.Abort();
                }
            }
        }
    }

    private int Seconds => limits.ReadSeconds;

    private TimeProvider Time => time;
}
