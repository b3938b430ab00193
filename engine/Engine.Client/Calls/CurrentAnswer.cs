using Grpc.Core;

namespace Engine.Client.Calls;

/// <summary>One call that is asked of the next engine while its answer comes from an older snapshot.</summary>
internal sealed class CurrentAnswer<TResponse>
{
    private readonly Func<AsyncUnaryCall<TResponse>> _ask;
    private readonly Func<TResponse, int, bool> _mayGive;
    private AsyncUnaryCall<TResponse> _call;

    /// <summary>Asks at once.</summary>
    /// <param name="ask">Asks an engine that was not asked before.</param>
    /// <param name="mayGive">Whether a reply may be given, after so many engines were passed by.</param>
    public CurrentAnswer(Func<AsyncUnaryCall<TResponse>> ask, Func<TResponse, int, bool> mayGive)
    {
        (_ask, _mayGive) = (ask, mayGive);
        _call = ask();
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
        for (var skipped = 0; ; skipped++)
        {
            var reply = await _call.ResponseAsync.ConfigureAwait(false);
            if (_mayGive(reply, skipped))
            {
                return reply;
            }

            _call.Dispose();
            _call = _ask();
        }
    }
}
