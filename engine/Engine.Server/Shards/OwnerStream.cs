using Engine.Protos.V1;
using Google.Protobuf.Collections;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Engine.Server.Shards;

/// <summary>A BatchRecommend stream to the owner of a shard.</summary>
internal sealed class OwnerStream : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<BatchRecommendRequest, BatchRecommendReply> _call;
    private readonly CancellationToken _cancellation;
    private RepeatedField<BatchRow> _rows = [];
    private int _next;

    private OwnerStream(
        AsyncDuplexStreamingCall<BatchRecommendRequest, BatchRecommendReply> call, CancellationToken cancellation) =>
        (_call, _cancellation) = (call, cancellation);

    /// <summary>The first reply, without rows.</summary>
    public BatchRecommendReply Header { get; private set; } = new();

    /// <summary>Sends the options and waits for the header: until then another owner can be asked.</summary>
    /// <param name="call">The call.</param>
    /// <param name="options">The first message, without users.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="RpcException">The owner does not answer, or refuses the request.</exception>
    public static async Task<OwnerStream> Open(
        AsyncDuplexStreamingCall<BatchRecommendRequest, BatchRecommendReply> call,
        BatchRecommendRequest options,
        CancellationToken cancellation)
    {
        var stream = new OwnerStream(call, cancellation);
        try
        {
            await stream.Write(options);
            stream.Header = await stream.Read();
            return stream;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>Sends users, whose rows are read with <see cref="Next"/>, every one.</summary>
    public async Task Send(BatchRecommendRequest users)
    {
        await Write(users);
        if (users.UserIds.Count == 0)
        {
            // One reply without rows.
            await Read();
        }
    }

    /// <summary>The next row.</summary>
    /// <exception cref="RpcException">The stream broke off.</exception>
    public async ValueTask<BatchRow> Next()
    {
        while (_next == _rows.Count)
        {
            (_rows, _next) = ((await Read()).Rows, 0);
        }

        return _rows[_next++];
    }

    /// <summary>Ends it when all rows were read. If its owner is lost by now, the caller has all rows.</summary>
    public async Task Complete()
    {
        try
        {
            await _call.RequestStream.CompleteAsync();
            await _call.ResponseStream.MoveNext(_cancellation);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // No row depends on it.
        }
    }

    /// <summary>Ends it in any case; the owner need not compute the rest.</summary>
    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        return default;
    }

    private async Task Write(BatchRecommendRequest message)
    {
        try
        {
            await _call.RequestStream.WriteAsync(message, _cancellation);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            // The owner has ended the call, or is lost. Reading gives the reason, and no message: none is left.
            await Read();
            throw;
        }
    }

    private async Task<BatchRecommendReply> Read() => await _call.ResponseStream.MoveNext(_cancellation)
        ? _call.ResponseStream.Current
        : throw new RpcException(new Status(StatusCode.Unavailable, "the engine ended the stream"));
}
