using Engine.Protos.V1;
using Engine.WebConsole.Wire;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Engine.WebConsole.Calls;

/// <summary>The way to the engine, the same for all visitors.</summary>
internal sealed class EngineChannel : IDisposable
{
    private readonly GrpcChannel _channel;

    /// <summary>Calls go over a wire.</summary>
    public EngineChannel(EngineWire wire) => _channel = GrpcChannel.ForAddress(
        "http://localhost",
        new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                UseProxy = false,
                ConnectCallback = (_, _) => ValueTask.FromResult(wire.Connect()),
            },
        });

    /// <summary>Calls with a key.</summary>
    public CallInvoker With(string? key) => key is null
        ? _channel.CreateCallInvoker()
        : _channel.Intercept(headers =>
        {
            headers.Add("authorization", $"Bearer {key}");
            return headers;
        });

    /// <summary>Who holds a key, and what that lets one do.</summary>
    /// <exception cref="RpcException">UNAUTHENTICATED: the engine needs a key, or another one.</exception>
    public async Task<DescribeCallerReply> Describe(string? key, string workspace, CancellationToken cancellation) =>
        await new Admin.AdminClient(With(key)).DescribeCallerAsync(
            new DescribeCallerRequest { Workspace = workspace }, cancellationToken: cancellation);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
