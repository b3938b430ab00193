using Engine.Server.Configuration;
using Engine.Server.Errors;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// The streams of replies that are open: how many, what they hold, and how long a client may leave one
/// unread or send nothing.
/// </summary>
internal sealed class OpenStreams(CallLimits limits, TimeProvider time)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private int _open;
    private long _rows;

    /// <summary>Opens a stream.</summary>
    /// <param name="check">Throws when its caller may get no further message at that time; null for never.</param>
    /// <param name="rows">Rows that it holds until it ends.</param>
    /// <exception cref="ExhaustedException">Too many are open, or they hold too much.</exception>
    public OpenStream Open(Action<DateTimeOffset>? check, long rows = 0)
    {
        lock (_lock)
        {
            if (_open >= limits.OpenStreams)
            {
                throw new ExhaustedException(
                    $"found {_open} open streams; expected fewer than {limits.OpenStreams}. "
                    + "Read or cancel streams that are open, then try again",
                    Retry);
            }

            if (_open > 0 && _rows + rows > limits.StreamRows)
            {
                throw new ExhaustedException(
                    $"found {_rows:N0} rows held by open streams and {rows:N0} more; "
                    + $"expected at most {limits.StreamRows:N0}. Read or cancel streams that are open, or lower top_k",
                    Retry);
            }

            _open++;
            _rows += rows;
            return new OpenStream(this, check, rows);
        }
    }

    /// <summary>Waits for the next request of a stream, but not for a client that sends nothing.</summary>
    /// <returns>False at the end of its requests.</returns>
    /// <exception cref="ExhaustedException">The client has sent nothing for too long.</exception>
    public async Task<bool> Next<T>(IAsyncStreamReader<T> requests, CancellationToken cancellation)
    {
        try
        {
            return await requests.MoveNext(cancellation)
                .WaitAsync(TimeSpan.FromSeconds(limits.ReadSeconds), time, cancellation);
        }
        catch (TimeoutException)
        {
            throw new ExhaustedException(
                $"found a stream on which nothing was sent for {limits.ReadSeconds} s. "
                + "Send the next request sooner, or end the stream and open another");
        }
    }

    private void Close(long rows)
    {
        lock (_lock)
        {
            _open--;
            _rows -= rows;
        }
    }

    /// <summary>One stream.</summary>
    internal sealed class OpenStream(OpenStreams all, Action<DateTimeOffset>? check, long rows) : IDisposable
    {
        private bool _closed;

        /// <summary>Writes one reply.</summary>
        public Task Write<T>(IServerStreamWriter<T> stream, T reply, CancellationToken cancellation) =>
            Write(token => stream.WriteAsync(reply, token), cancellation);

        /// <summary>Waits for one write, but not for a client that does not read.</summary>
        /// <exception cref="ExhaustedException">The client has read nothing for too long.</exception>
        public async Task Write(Func<CancellationToken, Task> write, CancellationToken cancellation)
        {
            check?.Invoke(all.Time.GetUtcNow());
            var seconds = TimeSpan.FromSeconds(all.Seconds);
            using var patience = new CancellationTokenSource(seconds, all.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            try
            {
                await write(either.Token);
            }
            catch (Exception) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                throw new ExhaustedException(
                    $"found a stream that was not read for {seconds.TotalSeconds:0} s. "
                    + "Read it faster, or ask for smaller blocks");
            }
        }

        /// <summary>Ends it.</summary>
        public void Dispose()
        {
            if (!_closed)
            {
                _closed = true;
                all.Close(rows);
            }
        }
    }

    /// <summary>Users x top_k of one message of a batch.</summary>
    public int BatchRows => limits.BatchRows;

    private int Seconds => limits.ReadSeconds;

    private TimeProvider Time => time;
}
