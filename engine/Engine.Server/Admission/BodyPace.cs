using System.IO.Pipelines;
using Engine.Server.Errors;
using Grpc.Core;

namespace Engine.Server.Admission;

/// <summary>
/// How fast the body of one request must come in, and how long it may take: what has come in of a long one keeps others
/// out (<see cref="ReceivedBytes"/>).
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="hasLeast">
/// Whether a least number of bytes a second is expected. Kestrel has such a bound, too, but closes the whole connection
/// of HTTP/2 for it, with the calls of everybody behind one proxy.
/// </param>
internal sealed class BodyPace(TimeProvider time, bool hasLeast) : IDisposable
{
    /// <summary>The last look at a request: it must have come in by then.</summary>
    public const int MostPeriods = 120;

    private const int LeastBytesPerSecond = 240;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private ITimer? _timer;
    private long _received;
    private long _before;
    private int _periods;
    private volatile bool _isWaiting;
    private volatile bool _isTooSlow;

    /// <summary>A reader waits for more: from now on it must come.</summary>
    /// <param name="body">Whose waiting reads are given up.</param>
    public void Begin(PipeReader body)
    {
        _isWaiting = true;
        _timer ??= time.CreateTimer(_ => Look(body), null, Period, Period);
    }

    /// <summary>Notes what a read brought.</summary>
    /// <param name="result">The read.</param>
    /// <param name="bytes">How many bytes it brought.</param>
    /// <exception cref="RpcException">DEADLINE_EXCEEDED: too little comes in.</exception>
    public void Received(ReadResult result, long bytes)
    {
        _isWaiting = false;
        Interlocked.Add(ref _received, bytes);
        if (result.IsCompleted)
        {
            Dispose();
        }
        else if (result.IsCanceled && _isTooSlow)
        {
            var error = new InputException(_periods >= MostPeriods
                ? $"found {_received:N0} bytes of the request in {(MostPeriods * Period).TotalMinutes:F0} minutes; "
                    + "expected all of it. Send less at a time"
                : $"found less than {LeastBytesPerSecond} bytes a second of the request for "
                    + $"{Period.TotalSeconds:F0} s; expected all of it. Send it again");
            throw CallStatus.Of(error, StatusCode.DeadlineExceeded, "").ToRpcException();
        }
    }

    /// <summary>No more is expected.</summary>
    public void Dispose() => _timer?.Dispose();

    // An engine that is too busy to read is not the caller's fault.
    private void Look(PipeReader body)
    {
        var received = Interlocked.Read(ref _received);
        var isTooLittle = hasLeast && received - _before < LeastBytesPerSecond * Period.TotalSeconds;
        if ((++_periods >= MostPeriods || isTooLittle) && _isWaiting)
        {
            _isTooSlow = true;
            body.CancelPendingRead();
        }

        _before = received;
    }
}
