using Engine;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Bench.Load;

/// <summary>Over gRPC: requests and replies are bytes, so that the generator costs as little as it can.</summary>
internal sealed class GrpcTarget : ILoadTarget
{
    private readonly GrpcChannel[] _channels;
    private readonly CallInvoker[] _calls;
    private readonly Metadata _headers = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;

    /// <summary>A target with as many channels as connections.</summary>
    public GrpcTarget(LoadConnection connection, TimeProvider time)
    {
        (_time, _limit) = (time, connection.Limit);
        _channels =
        [
            // The last one is for what is not measured: a large message would keep the calls behind it.
            .. Enumerable.Range(0, connection.Connections + 1).Select(_ => GrpcChannel.ForAddress(
                connection.Target,
                new GrpcChannelOptions
                {
                    HttpHandler = connection.Handler(),
                    DisposeHttpClient = true,
                    MaxReceiveMessageSize = null,
                })),
        ];
        _calls = [.. _channels.Select(channel => channel.CreateCallInvoker())];
        if (connection.Key.Length > 0)
        {
            _headers.Add("authorization", $"Bearer {connection.Key}");
        }
    }

    /// <inheritdoc/>
    public byte[] Encode(IMessage request) => request.ToByteArray();

    /// <inheritdoc/>
    public async ValueTask<Outcome> Send(int lane, PreparedCall call)
    {
        try
        {
            using var sent = _calls[lane % (_calls.Length - 1)].AsyncUnaryCall(
                Method(MethodType.Unary, call.Rpc, Size), null, Options(default), call.Body);
            return new(Outcome.Ok, (await sent.ResponseAsync.ConfigureAwait(false)).Bytes);
        }
        catch (RpcException e)
        {
            return new(e.StatusCode == StatusCode.DeadlineExceeded ? Outcome.TimedOut : e.StatusCode.ToString(), 0);
        }
    }

    /// <inheritdoc/>
    public async Task<TReply> Ask<TReply>(Rpc rpc, IMessage request, CancellationToken stop)
        where TReply : IMessage<TReply>, new()
    {
        try
        {
            // On the wire a unary reply is a stream of one message.
            using var sent = _calls[^1].AsyncServerStreamingCall(
                Method(MethodType.ServerStreaming, rpc, context => context.PayloadAsNewBuffer()),
                null,
                Options(stop),
                request.ToByteArray());
            return await sent.ResponseStream.MoveNext(stop)
                ? new MessageParser<TReply>(() => new TReply()).ParseFrom(sent.ResponseStream.Current)
                : throw new InputException($"{rpc.Service}/{rpc.Method}: found no reply; expected one");
        }
        catch (RpcException e) when (!stop.IsCancellationRequested)
        {
            throw new InputException($"{rpc.Service}/{rpc.Method}: {e.StatusCode}: {e.Status.Detail}", e);
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException(e.Message, e, stop);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_channels, channel => channel.Dispose());

    private static Method<byte[], T> Method<T>(MethodType type, Rpc rpc, Func<DeserializationContext, T> read) =>
        new(
            type,
            rpc.Service,
            rpc.Method,
            Marshallers.Create<byte[]>((bytes, context) => context.Complete(bytes), _ => []),
            Marshallers.Create<T>((_, _) => { }, read));

    private static Reply Size(DeserializationContext context) => new(context.PayloadLength);

    private CallOptions Options(CancellationToken stop) =>
        new(_headers, (_time.GetUtcNow() + _limit).UtcDateTime, stop);

    private sealed record Reply(int Bytes);
}
