using System.Diagnostics;
using Grpc.Core;

namespace Engine.Client.Calls;

/// <summary>One call that is asked of the next engine while its answer comes from an older snapshot.</summary>
internal sealed class CurrentAnswer<TResponse>
{
    private readonly Func<AsyncUnaryCall<TResponse>> _ask;
    private readonly Func<TResponse, int, long, int?> _pass;
    private AsyncUnaryCall<TResponse> _call;
    private long _sent;

    /// <summary>Asks at once.</summary>
    /// <param name="ask">Asks an engine that was not asked before.</param>
    /// <param name="pass">
    /// Null when a reply may be given; else how many engines are passed by with this one. Gets how many were before,
    /// and when the call was sent.
    /// </param>
    public CurrentAnswer(Func<AsyncUnaryCall<TResponse>> ask, Func<TResponse, int, long, int?> pass)
    {
        (_ask, _pass) = (ask, pass);
        _call = Ask();
        Call = new AsyncUnaryCall<TResponse>(
            Response(),
            _call.ResponseHeadersAsync,
            () => _call.GetStatus(),
            () => _call.GetTrailers(),
            () => _call.Dispose());
    }

    /// <summary>What the caller gets; its headers are those of the first engine.</summary>
    public AsyncUnaryCall<TResponse> Call { get; }

    private async Task<TResponse> Response()
    {
        for (var passed = 0; ;)
        {
            var reply = await _call.ResponseAsync.ConfigureAwait(false);
            if (_pass(reply, passed, _sent) is not { } more)
            {
                return reply;
            }

            passed = more;
            _call.Dispose();
            _call = Ask();
        }
    }

    private AsyncUnaryCall<TResponse> Ask()
    {
        _sent = Stopwatch.GetTimestamp();
        return _ask();
    }
}
